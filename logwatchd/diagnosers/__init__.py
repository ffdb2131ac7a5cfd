"""Floor 6: who is asked for a diagnosis, each behind `ports.Diagnoser`."""

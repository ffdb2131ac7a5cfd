"""Seeded incidents: small repositories, logs, answers and replies, made by a script."""

"""A diagnoser without a model: it says what it was told to say. For tests and demonstrations."""

from logwatchd.domain.prices import Usage
from logwatchd.domain.prompt import Prompt
from logwatchd.ports import Ended, Reply


class ScriptedDiagnoser:
    """Implements `ports.Diagnoser`; it costs nothing and asks nobody."""

    name = "scripted"
    answer_tokens = 0

    def __init__(self, text: str) -> None:
        self._text = text

    def prompt_tokens(self, prompt: Prompt) -> int:  # noqa: ARG002 -- the port's form
        """See `ports.Diagnoser`."""
        return 0

    async def ask(self, prompt: Prompt, *, model: str) -> Reply:  # noqa: ARG002 -- the port's form
        """See `ports.Diagnoser`."""
        return Reply(text=self._text, ended=Ended.ANSWERED, usage=Usage())

"""Every format that is looked for, in order, and every kind that a placeholder may name."""

from typing import Final

from logwatchd.domain.personal_data import IP_ADDRESS, PERSONAL
from logwatchd.domain.secret_formats import ADDRESSES, BLOCKS, CALLS, COMMANDS, HASHES, HEADERS
from logwatchd.domain.secret_keys import KINDS_OF_KEYS
from logwatchd.domain.told_secrets import TOLD
from logwatchd.domain.vendor_keys import VENDORS

SHAPED: Final = (*BLOCKS, *ADDRESSES, *VENDORS)
"""What is known by its shape alone. It comes first, for a shape says most exactly what it is."""

ANNOUNCED: Final = (*HASHES, *HEADERS, *CALLS, *COMMANDS)
"""What something in front of it announces. Values of secret names follow."""

KINDS: Final = KINDS_OF_KEYS | {
    *(each.kind for each in (*SHAPED, *ANNOUNCED, *TOLD, *PERSONAL, IP_ADDRESS)),
    "own_secret",
    "extra",
}
"""Every kind of secret that a placeholder may name."""

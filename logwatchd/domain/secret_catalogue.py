"""Every format of a secret, in the order in which they are looked for."""

from typing import Final

from logwatchd.domain.personal_data import IP_ADDRESS, PERSONAL
from logwatchd.domain.secret_formats import ADDRESSES, BLOCKS, CALLS, COMMANDS, HASHES, HEADERS
from logwatchd.domain.told_secrets import TOLD
from logwatchd.domain.vendor_keys import VENDORS

SHAPED: Final = (*BLOCKS, *ADDRESSES, *VENDORS)
"""What is known by its shape alone. It comes first, for a shape says most exactly what it is."""

ANNOUNCED: Final = (*HASHES, *HEADERS, *CALLS, *COMMANDS)
"""What something in front of it announces. Values of secret names follow."""

FORMATS: Final = (*SHAPED, *ANNOUNCED, *TOLD, *PERSONAL, IP_ADDRESS)
"""All of them, also what is looked for on request only."""

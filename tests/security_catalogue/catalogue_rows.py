"""The rows of the catalogue: who has to see to each, how soon, and why a few have no test."""

# Owner and rank of each row, in the order of their numbers. F: the framework, S: the server, A number alone:
# the project. 1: before the first release, 2: before 1.0, 3: more than any peer has.
_RANKS = {
    "JSN": "F1 F1 F1 F1 F2 F1 F3 F1 F1 F1 F2 F2 F1 F2 F1 F1 F1 F2 F1 F1 F1 F2 F2",
    "BOD": "F1 F1 F1 F1 F2 S2 F1 F1 F1 F1 F+S1 F2",
    "FRM": "F1 F1 F1 F1 F1 F1 F1 F1 F1 F1 F1 F1 F2 F2 F1 F1 F2 F2 F2",
    "RTE": "F1 F1 F2 F1 F1 F1 F1 F2 F1 F1 F1 F2 F1 F2 F1 F1 F2 F2 F2",
    "HST": "F1 F+S1 F+S1 F+S1 F1 F1 F2 F+S1 F1 F1 F+S1 F2 F2",
    "HDR": "F1 F1 F1 F1 F2 F1 F+S1 F+S1 F1 F2 F2 F3",
    "CKE": "F1 F1 F1 F1 F1 F1 F1 F2 F2",
    "SES": "F1 F2 F2",
    "CSR": "F1 F1 F1",
    "COR": "F1 F1 F1",
    "STA": "F1 F1 F1 F1 F2 F2 F1 F2 F1 F2 F1",
    "AUT": "F1 F1 F1 F1 F1 F1 F1 F2 F2 F2 F1 F3 F2",
    "JWT": "F1 F1 F1 F1 F1 F1 F1 F2 F2",
    "WSK": "F1 F1 F1 F1 S1 S1 F1 F1 F1 F1 S1 F1 F2",
    "SSE": "F1 F1 F1 F1 F1 F1 F1 F2 F2",
    "DOC": "F1 F1 F2 F2 F2 F2 F2",
    "ERR": "F1 F1 F2 F1 F1",
    "LOG": "F1 F1",
    "DAT": "F1 F1 F2 F2 F2",
    "CAC": "F1 F1 F1 F2",
    "SSR": "F1 F2",
    "RAT": "F2",
    "CON": "F1 F1 F1 F1 F1 F1 F1 F1 F1 F1 F1 F1 F1 F2 F2 F2 F3 F3",
    "LIF": "F1 F1 F+S1 F+S1 F1 F1 F2 S1 S2 F2 F2 F2",
    "SUP": "1 1 2 1 2 1 2",
}

RANKS = {
    f"{section}-{number:02}": rank
    for section, ranks in _RANKS.items()
    for number, rank in enumerate(ranks.split(), 1)
}
"""Row → owner and rank."""

_NO_CACHE = "there is no cache of answers"
_NO_CLIENT = "there is nothing that asks other servers on behalf of a client"

WITHOUT_TEST = {
    "CON-14": "not yet: no script runs mixed load for ten minutes",
    "CON-15": "not yet: no free-threaded build is tested",
    "SUP-01": "nothing is published yet, so no file has an attestation",
    "SUP-02": "there are no workflow files: whatever serves the repository calls .ci/run",
    "CAC-01": _NO_CACHE,
    "CAC-02": _NO_CACHE,
    "CAC-03": _NO_CACHE,
    "CAC-04": _NO_CACHE,
    "SSR-01": _NO_CLIENT,
    "SSR-02": _NO_CLIENT,
    "RAT-01": "there is no limiter of rates with a store that several processes share",
}
"""Row of rank 1 or 2 → why it has no test yet."""


def is_due(rank: str) -> bool:
    """Tell whether a row is the framework's or the project's, and of rank 1 or 2."""
    return not rank.startswith("S") and rank[-1] in "12"

"""The children of this process that compute for the tools, each started by the first question for it."""

from swarmctl.edges.exact.confined import Confined

SYMPY = Confined("swarmctl.edges.exact.sympy_child", libraries=True)
PATTERNS = Confined("swarmctl.edges.exact.regex_child", libraries=False)

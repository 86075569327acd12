"""Which voice stands for a speaker in a language, where somebody decided on one."""

from collections.abc import Mapping
from types import MappingProxyType

Routes = Mapping[tuple[str, int], str]
"""(primary language subtag, standard speaker 0-3) to voice id."""

NO_ROUTES: Routes = MappingProxyType({})

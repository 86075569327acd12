"""White noise that is the same in every run, from ordinary operators of an ONNX graph."""

import torch
from torch import Tensor

# x^5 permutes the residues of this prime, and the square of twice a residue still fits an int64.
_PRIME = 1073741789
_ROUND_CONSTANTS = (640238157, 311745361)


def white_noise(count: Tensor | int) -> Tensor:
    """`count` uniformly distributed samples of mean 0 and variance 1, a hash of their places, shape (count,).

    Two rounds of (x + constant)^5 modulo a prime, the round of the cipher MiMC (Albrecht et al., 2016). onnxruntime's
    random operators would carry a state from one run to the next.
    """
    value = torch.arange(count, dtype=torch.int64)
    for constant in _ROUND_CONSTANTS:
        base = value + constant
        square = base * base % _PRIME
        value = square * square % _PRIME * (base % _PRIME) % _PRIME
    return (value.double() * (2.0 / _PRIME) - 1.0).float() * 3.0**0.5

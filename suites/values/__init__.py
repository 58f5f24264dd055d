"""Values of EC2's parameters, by their types: each is laid over every parameter of its type.

A value that Amazon allows must arrive at CloudStack whole, and come back. Of a value of which the
sources say nothing, it is demanded that it arrives whole or is refused: it must not be altered.
"""

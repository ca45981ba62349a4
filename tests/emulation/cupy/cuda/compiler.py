"""Nothing is compiled for a device here."""


class CompileException(Exception):
    pass

"""The recipe of the language pack: from sentence pairs to an encoder and a translation lexicon.

Nothing of the service imports this package.
"""

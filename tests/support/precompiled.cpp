// Holds nothing: the unit that precompiled headers are made for.

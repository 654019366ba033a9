// Nothing: a target needs a source before it has precompiled headers.

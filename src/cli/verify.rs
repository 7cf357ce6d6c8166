//! `gapfield verify RUN`: checks every hash of the manifest and names what is missing, changed or extra.

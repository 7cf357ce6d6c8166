//! Arguments become a command or a window, nothing else.

fn main() {}

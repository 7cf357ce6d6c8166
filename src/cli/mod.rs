//! The command line: the same jobs as the window, one file a command.

//! Chores of the command line.

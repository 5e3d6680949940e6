//! `diemcau`: the one program of Điểm Cầu.

use std::process::ExitCode;

use clap::Parser as _;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    diemcau::run(diemcau::cli::Cli::parse())
}

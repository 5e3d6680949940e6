//! Embeds the web client, or a page that says it was not built; the build itself never runs npm.

use std::path::{Path, PathBuf};
use std::{env, fs};

const PLACEHOLDER: &str = include_str!("src/platform/http/placeholder.html");

fn main() {
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=../web-client/dist");
    println!("cargo::rerun-if-changed=src/platform/http/placeholder.html");
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web-client/dist");
    // Cargo can watch an empty folder, but takes a missing one for changed at every build.
    fs::create_dir_all(&built).expect("the folder of the web build can be made");
    let folder = if built.join("index.html").is_file() {
        built
    } else {
        placeholder()
    };
    // The page itself is served by our own handler, which gives it a nonce.
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::copy(folder.join("index.html"), out.join("index.html")).expect("OUT_DIR can be written");
    // A debug build reads the files when they are asked for: compressing them unoptimised takes minutes.
    let embed = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    memory_serve::load_directory_with_embed(folder, embed);
}

/// A folder with the one page that says the web client was not built.
fn placeholder() -> PathBuf {
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    let folder = PathBuf::from(out).join("placeholder");
    fs::create_dir_all(&folder).expect("OUT_DIR can be written");
    fs::write(folder.join("index.html"), PLACEHOLDER).expect("OUT_DIR can be written");
    folder
}

//! Makes the folder that `just front` fills. rust-embed resolves its path while it compiles: where the folder is missing
//! then, the path keeps its `..` and matches no file that is built later.

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let dist = concat!(env!("CARGO_MANIFEST_DIR"), "/../frontend/dist");
    std::fs::create_dir_all(dist)
}

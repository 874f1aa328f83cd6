//! Compresses the built UI (`dist/ui`) into the window's binary. An empty or missing folder gives an empty table.
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Brotli's best; paid once per changed asset and build.
const QUALITY_RELEASE: i32 = 11;
/// Debug builds are built often.
const QUALITY_DEBUG: i32 = 4;
const WINDOW_BITS: i32 = 22;

fn main() -> io::Result<()> {
    let manifest = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(variable("OUT_DIR")?);
    let ui = manifest.join("../dist/ui");
    println!("cargo:rerun-if-changed={}", manifest.join("build.rs").display());
    println!("cargo:rerun-if-changed={}", ui.display());
    let mut files = Vec::new();
    collect(&ui, &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    for (index, file) in files.iter().enumerate() {
        println!("cargo:rerun-if-changed={}", file.display());
        let name = file.strip_prefix(&ui).map_err(io::Error::other)?;
        let packed = out.join(format!("asset-{index}.br"));
        compress(file, &packed)?;
        writeln!(table, "({:?}, include_bytes!({packed:?})),", name.to_string_lossy())
            .map_err(io::Error::other)?;
    }
    table.push(']');
    fs::write(out.join("assets.rs"), table)
}

fn variable(name: &str) -> io::Result<String> {
    std::env::var(name).map_err(io::Error::other)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_none_or(|extension| extension != "map") {
            files.push(path);
        }
    }
    Ok(())
}

fn compress(source: &Path, target: &Path) -> io::Result<()> {
    let release = variable("PROFILE")? == "release";
    let quality = if release { QUALITY_RELEASE } else { QUALITY_DEBUG };
    let bytes = fs::read(source)?;
    let mut packed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality,
        lgwin: WINDOW_BITS,
        size_hint: bytes.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut bytes.as_slice(), &mut packed, &params)?;
    fs::File::create(target)?.write_all(&packed)
}

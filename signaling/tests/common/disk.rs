//! A disk of a test's own, small enough to be filled.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

/// A small disk. Mounting it needs root.
pub(crate) struct SmallDisk {
    folder: Option<TempDir>,
    pub(crate) at: PathBuf,
}

impl SmallDisk {
    /// Mounts one; none when this is not root.
    pub(crate) fn mount(megabytes: u32) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        let folder = TempDir::new().expect("a folder");
        let status = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(folder.path())
            .status()
            .expect("mount is installed");
        assert!(status.success(), "a small disk can be mounted");
        Some(Self {
            at: folder.path().to_owned(),
            folder: Some(folder),
        })
    }

    /// Leaves no byte free.
    pub(crate) fn fill(&self) {
        let mut file = File::create(self.at.join("filling")).expect("a file");
        for size in [1 << 20, 1 << 12, 1] {
            let block = vec![0; size];
            while file.write_all(&block).is_ok() {}
        }
    }

    /// Makes room again.
    pub(crate) fn free(&self) {
        std::fs::remove_file(self.at.join("filling")).expect("it was filled");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.at).status();
        drop(self.folder.take());
    }
}

//! Room on the disk: without it the servers of the tests refuse every object, and hours go by in
//! requests that are tried again.

use std::path::Path;

use nix::sys::statvfs::statvfs;

use crate::failure::{Outcome, while_};

/// What the servers, the documentation and the test binaries of one step take at most, and a reserve:
/// SeaweedFS takes in nothing where a hundredth of the disk or less is free.
const NEEDED: u64 = 4 << 30;

/// Fails with a sentence unless there is room for what is done next in `folder`, which is there.
pub(crate) fn ensure_room(folder: &Path) -> Outcome {
    let shown = folder.display();
    let disk = statvfs(folder).map_err(while_(format!("asking how much room {shown} has")))?;
    let whole = disk.blocks() * disk.fragment_size();
    let free = disk.blocks_available() * disk.fragment_size();
    let needed = NEEDED.max(whole / 50);
    if free < needed {
        let gibibytes = |bytes: u64| bytes.div_ceil(1 << 30);
        return Err(format!(
            "{} GiB are free at {shown}, and {} are needed: remove what isn't needed there (`cargo clean` \
             removes all that was built)",
            free >> 30,
            gibibytes(needed)
        )
        .into());
    }
    Ok(())
}

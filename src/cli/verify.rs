//! `gapfield verify RUN`: checks every hash of the manifest and names what is missing, changed or extra.

use super::args::{Common, VerifyArgs};
use crate::run::verify::verify;
use anyhow::bail;

pub(super) fn execute(args: &VerifyArgs, common: &Common) -> anyhow::Result<()> {
    let found = verify(&args.run)?;
    if common.json {
        println!("{}", serde_json::to_string_pretty(&found)?);
    } else {
        for (what, paths) in
            [("missing", &found.missing), ("changed", &found.changed), ("extra", &found.extra)]
        {
            for path in paths {
                println!("{what:<8} {path}");
            }
        }
        if found.passes() && !common.quiet {
            println!("all {} files are as the manifest says", found.intact);
        }
    }
    if !found.passes() {
        bail!(
            "the run is not as its manifest says ({} missing, {} changed, {} extra); restore the files or run it again with --out {}",
            found.missing.len(),
            found.changed.len(),
            found.extra.len(),
            args.run.display()
        );
    }
    Ok(())
}

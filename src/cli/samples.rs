//! `gapfield samples`: makes the sample runs again.

use super::args::{Common, SamplesArgs};
use super::printer;
use crate::job::JobHandle;
use crate::nn::device::Request;
use crate::pipeline::samples;

pub(super) fn execute(args: SamplesArgs, common: &Common) -> anyhow::Result<()> {
    let job = JobHandle::spawn("gapfield-job", move |ctx| {
        samples::make(&args.out, &args.only, Request::from_env()?, ctx)
    })?;
    super::cancel_on_signal(job.cancel_token());
    let made = printer::follow(job, common.quiet)?;
    if common.json {
        println!("{}", serde_json::to_string_pretty(&made)?);
        return Ok(());
    }
    for folder in made {
        println!("{}", folder.display());
    }
    Ok(())
}

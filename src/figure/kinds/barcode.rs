//! soon
use crate::figure::{FigureError,Scene,spec::FigureSpec}; use crate::run::contents::RunContents;
pub fn draw(run:&RunContents,spec:&FigureSpec)->Result<Scene,FigureError>{Err(super::missing(run,spec,"x","y"))}

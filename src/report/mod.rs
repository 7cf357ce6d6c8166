//! The report: what a run asked, found and cannot show, as Markdown and as one self-contained web page.
//!
//! Sections build a [`document::Document`] from the run; every number about the result is read out of `metrics/*.json`
//! by JSON pointer ([`numbers::Numbers`]) and what is absent there is named as absent.

pub mod document;
mod html;
pub mod illustrations;
mod markdown;
pub mod numbers;
mod sections;
#[cfg(test)]
mod tests;

use crate::run::contents::RunContents;
use document::Document;
use illustrations::Illustrations;

/// The report in both forms.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// `report.md`; figures are linked relative to the run folder.
    pub markdown: String,
    /// `report.html`; figures and fonts are inside.
    pub html: String,
}

/// The document of the report, its figures those that lie in the run folder: what the window reads.
pub fn outline(run: &RunContents) -> Document {
    let mut doc = Document::new(run.title());
    sections::write(run, &Illustrations::of_folder(run), &mut doc);
    doc
}

/// Writes the report of a run with its figures ([`illustrations::illustrate`]).
pub fn report(run: &RunContents, figures: &Illustrations) -> Report {
    let mut doc = Document::new(run.title());
    sections::write(run, figures, &mut doc);
    Report { markdown: markdown::write(&doc), html: html::write(&doc, figures) }
}

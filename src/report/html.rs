//! One self-contained web page: figures and fonts are inside, nothing is loaded from elsewhere.

use super::document::{Block, Document, numeric_columns};
use super::illustrations::Illustrations;
use crate::figure::writers::{base64, escape};
use std::fmt::Write as _;

static REGULAR: &[u8] = include_bytes!("../../assets/fonts/figure-Regular.woff2");
static SEMIBOLD: &[u8] = include_bytes!("../../assets/fonts/figure-SemiBold.woff2");

const STYLE: &str = "\
:root{color-scheme:light}\
body{margin:0;background:#fff;color:#2e2a27;font:16px/1.55 \"Inter figure\",Inter,Helvetica,Arial,sans-serif}\
main{max-width:58rem;margin:0 auto;padding:2.5rem 1.25rem 5rem}\
h1,h2,h3{color:#0b0a09;font-weight:600;line-height:1.25}\
h1{font-size:1.9rem;margin:0 0 1rem}h2{font-size:1.3rem;margin:2.6rem 0 .7rem}h3{font-size:1rem;margin:1.8rem 0 .5rem}\
p,ul{max-width:44rem;margin:.6rem 0}li{margin:.25rem 0}\
.table{overflow-x:auto;margin:.8rem 0}\
table{border-collapse:collapse;font-size:.86rem;font-variant-numeric:tabular-nums}\
th,td{padding:.3rem 1rem .3rem 0;text-align:left;border-bottom:1px solid #ebe6e2;vertical-align:top}\
th{color:#655d57;font-weight:600;border-bottom-color:#bfb7b0}\
.n{text-align:right;white-space:nowrap}\
figure{margin:1.6rem 0}figure img{width:100%;height:auto;display:block}\
figcaption{font-size:.86rem;color:#655d57;margin-top:.5rem;max-width:44rem}";

/// The document as `report.html`.
pub fn write(doc: &Document, figures: &Illustrations) -> String {
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<style>\n\
         @font-face{{font-family:\"Inter figure\";font-weight:400;src:url(data:font/woff2;base64,{regular}) format(\"woff2\")}}\n\
         @font-face{{font-family:\"Inter figure\";font-weight:600;src:url(data:font/woff2;base64,{bold}) format(\"woff2\")}}\n\
         {STYLE}\n</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n",
        title = escape(&doc.title),
        regular = base64(REGULAR),
        bold = base64(SEMIBOLD),
    );
    for block in &doc.blocks {
        write_block(block, figures, &mut out);
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn write_block(block: &Block, figures: &Illustrations, out: &mut String) {
    match block {
        Block::Heading(level, words) => {
            let _ = writeln!(out, "<h{level}>{}</h{level}>", escape(words));
        }
        Block::Paragraph(words) => {
            let _ = writeln!(out, "<p>{}</p>", escape(words));
        }
        Block::List(points) => {
            out.push_str("<ul>\n");
            for point in points {
                let _ = writeln!(out, "<li>{}</li>", escape(point));
            }
            out.push_str("</ul>\n");
        }
        Block::Table { head, rows } => table(head, rows, out),
        Block::Figure { index, alt, caption, .. } => {
            let Some(figure) = figures.drawn.get(*index) else { return };
            let _ = writeln!(
                out,
                "<figure><img alt=\"{}\" src=\"data:image/svg+xml;base64,{}\"><figcaption>{}</figcaption></figure>",
                escape(alt),
                base64(&figure.svg),
                escape(caption)
            );
        }
    }
}

fn table(head: &[String], rows: &[Vec<String>], out: &mut String) {
    let numeric = numeric_columns(head.len(), rows);
    let class = |i: usize| if numeric.get(i) == Some(&true) { " class=\"n\"" } else { "" };
    out.push_str("<div class=\"table\"><table>\n<thead><tr>");
    for (i, cell) in head.iter().enumerate() {
        let _ = write!(out, "<th scope=\"col\"{}>{}</th>", class(i), escape(cell));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for (i, cell) in row.iter().enumerate() {
            let _ = write!(out, "<td{}>{}</td>", class(i), escape(cell));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
}

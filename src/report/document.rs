//! A small document model that both writers understand: plain text only, escaped where it is written.

/// One part of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A heading of level 2 or 3.
    Heading(u8, String),
    /// A paragraph.
    Paragraph(String),
    /// Points.
    List(Vec<String>),
    /// A table; the first column is words, the others are numbers or short words.
    Table {
        /// Column heads.
        head: Vec<String>,
        /// Rows, each as long as the head.
        rows: Vec<Vec<String>>,
    },
    /// A figure by its index among the illustrations.
    Figure {
        /// Index among the illustrations.
        index: usize,
        /// Path relative to the run folder.
        file: String,
        /// Words for readers who do not see it.
        alt: String,
        /// Line below.
        caption: String,
    },
}

/// A document.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Title.
    pub title: String,
    /// Parts in order.
    pub blocks: Vec<Block>,
}

impl Document {
    /// An empty document.
    pub fn new(title: String) -> Self {
        Self { title, blocks: Vec::new() }
    }

    /// Adds a section.
    pub fn section(&mut self, words: &str) {
        self.blocks.push(Block::Heading(2, words.to_owned()));
    }

    /// Adds a part of a section.
    pub fn part(&mut self, words: &str) {
        self.blocks.push(Block::Heading(3, words.to_owned()));
    }

    /// Adds a paragraph, unless it is empty.
    pub fn say(&mut self, words: impl Into<String>) {
        let words = words.into();
        if !words.is_empty() {
            self.blocks.push(Block::Paragraph(words));
        }
    }

    /// Adds points, unless there are none.
    pub fn list(&mut self, points: Vec<String>) {
        if !points.is_empty() {
            self.blocks.push(Block::List(points));
        }
    }

    /// Adds a table, unless it has no row.
    pub fn table(&mut self, head: &[&str], rows: Vec<Vec<String>>) {
        if !rows.is_empty() {
            let head = head.iter().map(|h| (*h).to_owned()).collect();
            self.blocks.push(Block::Table { head, rows });
        }
    }
}

/// Which columns of a table hold numbers, and so are aligned at the right: those with a cell that begins like one.
pub fn numeric_columns(columns: usize, rows: &[Vec<String>]) -> Vec<bool> {
    let begins = |cell: &String| cell.starts_with(|c: char| c.is_ascii_digit() || c == '−');
    (0..columns).map(|i| i > 0 && rows.iter().filter_map(|r| r.get(i)).any(begins)).collect()
}

//! Writing systems that Inter does not have (CJK, emoji, symbols): fonts of the machine, found and read on a
//! thread of their own after the window has opened, so that start-up never waits for them.

use egui::epaint::text::{FallbackRequest, FontInsert, FontPriority, FontProvider, InsertFontFamily};
use egui::{Context, FontData};
use skrifa::MetadataProvider;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// File names worth having, best first; the first that has a character draws it.
const WANTED: [&str; 18] = [
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "NotoSansSC-Regular.otf",
    "SourceHanSans-Regular.ttc",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "AppleSDGothicNeo.ttc",
    "msyh.ttc",
    "YuGothR.ttc",
    "malgun.ttf",
    "NotoSans-Regular.ttf",
    "DejaVuSans.ttf",
    "NotoColorEmoji.ttf",
    "Apple Color Emoji.ttc",
    "seguiemj.ttf",
];
/// A font file larger than this is not read.
const MAX_BYTES: u64 = 64 << 20;
/// Folders below a font root are followed this deep.
const MAX_DEPTH: usize = 5;

/// Fonts of the machine, asked when no bundled font has a character.
pub struct SystemFonts(Vec<(String, &'static [u8])>);

impl SystemFonts {
    /// Finds and reads the wanted fonts; slow, so call it off the window's thread.
    pub fn read() -> Self {
        let mut found = Vec::new();
        for root in roots() {
            walk(&root, 0, &mut found);
        }
        let rank = |p: &Path| {
            let name = p.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            WANTED.iter().position(|w| *w == name)
        };
        found.sort_by_key(|p| (rank(p), p.clone()));
        found.dedup_by_key(|p| rank(p));
        let fonts = found
            .into_iter()
            .filter_map(|path| {
                let bytes = std::fs::read(&path).ok()?;
                skrifa::FontRef::from_index(&bytes, 0).ok()?;
                // Fonts live as long as the program; leaking them once spares a copy in every family.
                Some((path.to_string_lossy().into_owned(), &*Box::leak(bytes.into_boxed_slice())))
            })
            .collect();
        Self(fonts)
    }
}

impl FontProvider for SystemFonts {
    fn font_for(&self, request: &FallbackRequest<'_>) -> Option<FontInsert> {
        let c = request.cluster.chars().next()?;
        let (name, bytes) = self.0.iter().find(|(_, bytes)| {
            skrifa::FontRef::from_index(bytes, 0).is_ok_and(|f| f.charmap().map(c).is_some())
        })?;
        let family = InsertFontFamily { family: request.family.clone(), priority: FontPriority::Lowest };
        Some(FontInsert::new(name, FontData::from_static(bytes), vec![family]))
    }
}

fn roots() -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> =
        ["/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "C:\\Windows\\Fonts"]
            .into_iter()
            .map(PathBuf::from)
            .collect();
    if let Some(home) = std::env::var_os("HOME") {
        roots.push(Path::new(&home).join(".local/share/fonts"));
        roots.push(Path::new(&home).join("Library/Fonts"));
    }
    roots
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    if depth > MAX_DEPTH {
        return;
    }
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, depth + 1, found);
        } else if entry.file_name().to_str().is_some_and(|n| WANTED.contains(&n))
            && entry.metadata().is_ok_and(|m| m.len() <= MAX_BYTES)
        {
            found.push(path);
        }
    }
}

/// Starts the search; the context gets the fonts when they are there.
pub fn install_later(ctx: &Context) {
    let ctx = ctx.clone();
    let thread = std::thread::Builder::new().name("system fonts".to_owned()).spawn(move || {
        let fonts = SystemFonts::read();
        if !fonts.0.is_empty() {
            ctx.add_font_provider(Arc::new(fonts));
            ctx.request_repaint();
        }
    });
    if let Err(error) = thread {
        tracing::warn!("no thread for system fonts, CJK and emoji stay boxes: {error}");
    }
}

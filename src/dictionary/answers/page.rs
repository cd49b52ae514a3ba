//! One answer: its bytes, plain and compressed, and the name of its content.

use std::{fmt::Write as _, io::Write as _, sync::Arc};

use bytes::Bytes;
use sha2::{Digest, Sha256};

/// Smaller bodies travel in one packet with their head; packing them would save nobody anything.
const WORTH_PACKING: usize = 1 << 10;
/// Each packs the shipped catalogue's sync-all, four megabytes, to a fifteenth of it in about a tenth of a
/// second; a tenth less would take twenty times as long. The window of this level is within the 8 MB that
/// every HTTP client must take (RFC 9659).
const ZSTD_LEVEL: i32 = 9;
const BROTLI_QUALITY: i32 = 6;
const GZIP_LEVEL: u32 = 6;

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// Zstandard.
    Zstd,
    /// Brotli.
    Brotli,
    /// Gzip.
    Gzip,
}

/// An answer's body. Copies share the bytes.
#[derive(Debug, Clone)]
pub struct Page {
    hash: u128,
    identity: Bytes,
    packed: Option<Arc<[(Coding, Bytes)]>>,
}

// === impl Coding ===

impl Coding {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Zstd, Self::Brotli, Self::Gzip];

    /// Its name in HTTP.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// The body, compressed. Writing to memory does not fail; if it did, the body would go out as it is.
    fn pack(self, body: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Zstd => zstd::bulk::compress(body, ZSTD_LEVEL).ok(),
            Self::Brotli => {
                let params = brotli::enc::BrotliEncoderParams {
                    quality: BROTLI_QUALITY,
                    size_hint: body.len(),
                    ..Default::default()
                };
                let mut packed = Vec::new();
                brotli::BrotliCompress(&mut &*body, &mut packed, &params).ok()?;
                Some(packed)
            }
            Self::Gzip => {
                let level = flate2::Compression::new(GZIP_LEVEL);
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
                encoder.write_all(body).ok()?;
                encoder.finish().ok()
            }
        }
    }
}

// === impl Page ===

impl Page {
    /// As it is.
    pub(super) fn plain(identity: Bytes) -> Self {
        let mut hash = [0; 16];
        hash.copy_from_slice(&Sha256::digest(&identity)[..16]);
        Self { hash: u128::from_be_bytes(hash), identity, packed: None }
    }

    /// And compressed in every way, where that is worth it.
    pub(super) fn packed(identity: Bytes) -> Self {
        let page = Self::plain(identity);
        if page.identity.len() < WORTH_PACKING {
            return page;
        }
        let pack = |coding: Coding| {
            let packed = coding.pack(&page.identity)?;
            Some((coding, Bytes::from(packed.into_boxed_slice())))
        };
        let mut packed: Vec<_> = Coding::ALL.into_iter().filter_map(pack).collect();
        packed.retain(|(_, packed)| packed.len() < page.identity.len());
        packed.sort_by_key(|(_, packed)| packed.len());
        Self { packed: (!packed.is_empty()).then(|| packed.into()), ..page }
    }

    /// The ways in which it is compressed, the smallest body first.
    pub fn codings(&self) -> impl DoubleEndedIterator<Item = Coding> {
        self.packed.iter().flat_map(|packed| packed.iter().map(|(coding, _)| *coding))
    }

    /// The body in that coding, without one as it is.
    pub fn body(&self, coding: Option<Coding>) -> &Bytes {
        let packed = self.packed.iter().flat_map(|packed| packed.iter());
        let found = coding.and_then(|coding| packed.into_iter().find(|(it, _)| *it == coding));
        found.map_or(&self.identity, |(_, body)| body)
    }

    /// The name of its content in that coding: the same content has the same name, whenever it was drawn.
    pub fn tag(&self, coding: Option<Coding>) -> String {
        let mut tag = format!("{:032x}", self.hash);
        if let Some(coding) = coding {
            // A text takes whatever is written to it.
            let _ = write!(tag, "-{}", coding.name());
        }
        tag
    }

    /// How much memory it takes.
    pub(super) fn bytes(&self) -> usize {
        let packed: usize =
            self.packed.iter().flat_map(|packed| packed.iter()).map(|(_, body)| body.len()).sum();
        size_of::<Self>() + self.identity.len() + packed
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn unpacked(coding: Coding, body: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        match coding {
            Coding::Zstd => plain = zstd::bulk::decompress(body, 1 << 20).unwrap(),
            Coding::Brotli => drop(brotli::Decompressor::new(body, 4096).read_to_end(&mut plain).unwrap()),
            Coding::Gzip => drop(flate2::read::GzDecoder::new(body).read_to_end(&mut plain).unwrap()),
        }
        plain
    }

    #[test]
    fn every_coding_holds_the_same_body() {
        let body = Bytes::from("{\"name\":\"Веста\"},".repeat(300));
        let page = Page::packed(body.clone());
        assert_eq!(page.codings().count(), 3);
        let mut last = 0;
        for coding in page.codings() {
            let packed = page.body(Some(coding));
            assert_eq!(unpacked(coding, packed), body, "{coding:?}");
            assert!((last..body.len()).contains(&packed.len()), "{coding:?}: the smallest comes first");
            last = packed.len();
        }
        assert_eq!(page.body(None), &body);
    }

    #[test]
    fn what_is_small_or_does_not_shrink_stays_as_it_is() {
        assert_eq!(Page::packed(Bytes::from(vec![b'a'; WORTH_PACKING - 1])).codings().count(), 0);
        let noise: Vec<u8> = (0u32..64).flat_map(|n| Sha256::digest(n.to_be_bytes()).to_vec()).collect();
        let page = Page::packed(noise.clone().into());
        assert_eq!(page.codings().count(), 0);
        assert_eq!(page.body(Some(Coding::Gzip)), &noise);
    }

    #[test]
    fn the_content_names_it() {
        let page = |text: &str| Page::packed(Bytes::from(text.repeat(500)));
        let tags =
            |page: &Page| [None, Some(Coding::Brotli), Some(Coding::Zstd)].map(|coding| page.tag(coding));
        assert_eq!(tags(&page("abc")), tags(&page("abc")));
        assert_ne!(tags(&page("abc"))[0], tags(&page("abd"))[0]);
        let [plain, brotli, zstd] = tags(&page("abc"));
        assert_eq!((brotli, zstd), (format!("{plain}-br"), format!("{plain}-zstd")));
    }
}

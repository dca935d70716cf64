//! Stands in for the crate `zstd`, which is C and does not compile for a browser: what `parquet` and `arrow-ipc` call of
//! it, over the decoder in pure Rust that Footpath uses anyway. `Cargo.toml` puts it in place (`[patch.crates-io]`).

/// The levels that can be asked for.
pub fn compression_level_range() -> std::ops::RangeInclusive<i32> {
    -131_072..=22
}

/// Whole buffers at a time.
pub mod bulk {
    use std::io::{self, Cursor};
    use std::marker::PhantomData;

    use ruzstd::decoding::FrameDecoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    /// Unpacks frames.
    pub struct Decompressor<'dictionary> {
        decoder: FrameDecoder,
        dictionary: PhantomData<&'dictionary ()>,
    }

    impl Decompressor<'static> {
        pub fn new() -> io::Result<Self> {
            Ok(Decompressor { decoder: FrameDecoder::new(), dictionary: PhantomData })
        }

        /// At most so many bytes.
        pub fn decompress(&mut self, source: &[u8], capacity: usize) -> io::Result<Vec<u8>> {
            let mut unpacked = vec![0; capacity];
            let length = self.decoder.decode_all(source, &mut unpacked).map_err(io::Error::other)?;
            unpacked.truncate(length);
            Ok(unpacked)
        }

        /// Into the room that the buffer has behind its position; the number of bytes written.
        pub fn decompress_to_buffer(&mut self, source: &[u8], to: &mut Cursor<&mut Vec<u8>>) -> io::Result<usize> {
            let at = to.position() as usize;
            let buffer: &mut Vec<u8> = to.get_mut();
            buffer.truncate(at);
            self.decoder.decode_all_to_vec(source, buffer).map_err(io::Error::other)?;
            let length = buffer.len() - at;
            to.set_position((at + length) as u64);
            Ok(length)
        }
    }

    /// Packs, for tests: quickly, whatever the level.
    pub struct Compressor<'dictionary>(PhantomData<&'dictionary ()>);

    impl Compressor<'static> {
        pub fn new(_level: i32) -> io::Result<Self> {
            Ok(Compressor(PhantomData))
        }

        /// Behind the buffer's position; the number of bytes written.
        pub fn compress_to_buffer(&mut self, source: &[u8], to: &mut Cursor<&mut Vec<u8>>) -> io::Result<usize> {
            let at = to.position() as usize;
            let packed = compress_to_vec(source, CompressionLevel::Fastest);
            let buffer: &mut Vec<u8> = to.get_mut();
            buffer.truncate(at);
            buffer.extend_from_slice(&packed);
            to.set_position((at + packed.len()) as u64);
            Ok(packed.len())
        }
    }
}

pub mod zstd_safe {
    use ruzstd::decoding::FrameDecoder;

    /// The size that a frame says its content has, if it does.
    pub fn get_frame_content_size(frame: &[u8]) -> Result<Option<u64>, ()> {
        let mut decoder = FrameDecoder::new();
        let mut frame = frame;
        decoder.init(&mut frame).map_err(|_| ())?;
        Ok(Some(decoder.content_size()).filter(|size| *size > 0))
    }

    /// Bytes that packing takes at most.
    pub fn compress_bound(bytes: usize) -> usize {
        bytes + (bytes >> 8) + 128
    }
}

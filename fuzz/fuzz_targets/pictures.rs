//! Fuzzes the picture readers: any bytes as a stream, a file, TIFF pages or an animation give frames or an error,
//! without a panic or an endless loop.
#![no_main]

use std::io::Cursor;

use framemill::{
    AnimationSource, FrameBuffer, FrameSource, ImageFiles, ImageOptions, ImageStream, Levels, OnError, Result, TiffStack,
};
use framemill_fuzz::Folder;
use libfuzzer_sys::fuzz_target;

thread_local! {
    static FOLDER: Folder = Folder::default();
}

fuzz_target!(|data: &[u8]| {
    for on_error in [OnError::Stop, OnError::Skip] {
        let options = ImageOptions::default().on_error(on_error).any_size(true);
        read_all(ImageStream::new(Cursor::new(data.to_vec()), "fuzz", options));
        read_all(TiffStack::new(Cursor::new(data.to_vec()), "fuzz", options));
        let levels = Levels { black: -1.0, white: 300.0 };
        read_all(TiffStack::new(Cursor::new(data.to_vec()), "fuzz", options.levels(levels)));
    }
    read_all(AnimationSource::new(data, "fuzz"));
    let path = FOLDER.with(|folder| folder.file(data));
    read_all(ImageFiles::new([path], ImageOptions::default()));
});

fn read_all(source: Result<impl FrameSource>) {
    let Ok(mut source) = source else { return };
    let mut pixels = FrameBuffer::new();
    while let Ok(Some(layout)) = source.read_frame(&mut pixels) {
        assert!(layout.view(&pixels).is_ok());
    }
}

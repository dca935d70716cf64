//! The program of a web worker that reads files of columns too.

fn main() {
    #[cfg(target_arch = "wasm32")]
    footpath::web::worker::start();
}

//! The program of a web worker.

fn main() {
    #[cfg(target_arch = "wasm32")]
    footpath::web::worker::start();
}

//! A chart on the page: drawn once its script is there, drawn again when the page turns from light to dark, and
//! clickable. Whatever it shows stands beside it as a table, so that it is hidden from screen readers.

use std::rc::Rc;

use js_sys::{Function, JSON, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlScriptElement, MediaQueryList, window};

use crate::charts::options::{Colours, Picture};
use crate::ui::state::AppState;
use crate::web::assets;
use crate::web::task::next_task;

#[wasm_bindgen]
extern "C" {
    /// A chart that ECharts has drawn.
    type Echarts;

    #[wasm_bindgen(js_namespace = echarts)]
    fn init(element: &Element) -> Echarts;

    #[wasm_bindgen(method, js_name = setOption)]
    fn set_option(this: &Echarts, options: &JsValue);
}

/// What ECharts tells of a click.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    data_index: usize,
    series_index: Option<usize>,
    data_type: Option<String>,
}

/// What was clicked.
pub struct Click {
    /// Which bar, node or band, in the order of the data.
    pub index: usize,
    /// Of which series, in their order.
    pub series: usize,
    /// It joins two nodes.
    pub is_link: bool,
}

/// Draws a picture in the page's colours.
#[component]
pub fn ChartView(
    /// Of the element; the only one on the page.
    id: &'static str,
    /// In pixels.
    height: usize,
    /// In pixels, on the screen of a telephone; there as high as elsewhere if it is left out.
    #[prop(optional)]
    narrow_height: usize,
    /// Wider than a small screen: it scrolls.
    #[prop(optional)]
    min_width: usize,
    /// What stands above, and scrolls with it.
    #[prop(optional, into)]
    heading: Option<ViewFn>,
    picture: Picture,
    on_click: impl Fn(Click) + 'static,
) -> impl IntoView {
    let chart = StoredValue::new_local(None::<Drawn>);
    let app = expect_context::<AppState>();
    let on_click = Rc::new(on_click);
    Effect::new(move |_| {
        let (picture, on_click) = (picture.clone(), on_click.clone());
        spawn_local(async move {
            // Without the charts' script the table still tells everything.
            // Painting, loading and drawing are tasks of their own.
            next_task().await;
            let loaded = load_echarts().await;
            let options = app.draw(picture.clone(), colours(id)).await;
            next_task().await;
            let still_here = chart.try_with_value(|_| ()).is_some();
            if loaded.is_ok()
                && still_here
                && let Ok(options) = options
                && let Some(drawn) = Drawn::new(id, &options, app, picture, on_click)
            {
                chart.set_value(Some(drawn));
            }
        });
    });
    on_cleanup(move || {
        let _ = chart.try_update_value(Option::take);
    });
    let narrow_height = if narrow_height == 0 { height } else { narrow_height };
    let style = format!("--high: {height}px; --high-narrow: {narrow_height}px; min-width: {min_width}px");
    view! {
        <div class="chart-place" aria-hidden="true">
            {heading.map(|heading| heading.run())}
            <div id=id class="drawing" style=style></div>
        </div>
    }
}

/// A chart on the page. Dropping it takes it away.
struct Drawn {
    chart: Echarts,
    resize: Option<leptos::leptos_dom::helpers::WindowListenerHandle>,
    /// Tells when the page turns from light to dark or back.
    scheme: Option<MediaQueryList>,
    _on_click: Closure<dyn FnMut(JsValue)>,
    _on_scheme: Closure<dyn FnMut()>,
}

impl Drawn {
    fn new(
        id: &'static str,
        options: &str,
        app: AppState,
        picture: Picture,
        clicked: Rc<dyn Fn(Click)>,
    ) -> Option<Drawn> {
        let chart = init(&window()?.document()?.get_element_by_id(id)?);
        draw(&chart, options);
        let on_click = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
            // A click beside the data tells less.
            if let Ok(told) = serde_wasm_bindgen::from_value::<Told>(event) {
                let is_link = told.data_type.as_deref() == Some("edge");
                clicked(Click { index: told.data_index, series: told.series_index.unwrap_or(0), is_link });
            }
        });
        call(&chart, "on", &["click".into(), on_click.as_ref().clone()]);
        // A second name for the same chart, for those who change it later.
        let same = || AsRef::<JsValue>::as_ref(&chart).clone().unchecked_into::<Echarts>();
        let changed = AsRef::<JsValue>::as_ref(&chart).clone();
        // Drawn anew in other colours, or in another width; unless it is gone when the options are there.
        let redraw = move |chart: Echarts| {
            let picture = picture.clone();
            spawn_local(async move {
                if let Ok(options) = app.draw(picture, colours(id)).await
                    && !call(&chart, "isDisposed", &[]).is_truthy()
                {
                    draw(&chart, &options);
                }
            });
        };
        let again = redraw.clone();
        let on_scheme = Closure::<dyn FnMut()>::new(move || again(changed.clone().unchecked_into()));
        let scheme = window().and_then(|window| window.match_media("(prefers-color-scheme: dark)").ok().flatten());
        if let Some(scheme) = &scheme {
            scheme.set_onchange(Some(on_scheme.as_ref().unchecked_ref()));
        }
        let resized = StoredValue::new_local(same());
        let resize = window_event_listener(leptos::ev::resize, move |_| {
            let _ = resized.try_with_value(|chart| {
                call(chart, "resize", &[]);
                redraw(AsRef::<JsValue>::as_ref(chart).clone().unchecked_into());
            });
        });
        Some(Drawn { chart, resize: Some(resize), scheme, _on_click: on_click, _on_scheme: on_scheme })
    }
}

impl Drop for Drawn {
    fn drop(&mut self) {
        if let Some(resize) = self.resize.take() {
            resize.remove();
        }
        if let Some(scheme) = &self.scheme {
            scheme.set_onchange(None);
        }
        call(&self.chart, "dispose", &[]);
    }
}

/// Draws a chart, or draws it anew.
fn draw(chart: &Echarts, options: &str) {
    if let Ok(options) = JSON::parse(options) {
        chart.set_option(&options);
    }
}

/// Calls a method that the binding does not have.
fn call(chart: &Echarts, method: &str, arguments: &[JsValue]) -> JsValue {
    let function =
        Reflect::get(chart.as_ref(), &method.into()).ok().and_then(|method| method.dyn_into::<Function>().ok());
    let answer =
        function.and_then(|function| function.apply(chart.as_ref(), &arguments.iter().cloned().collect()).ok());
    answer.unwrap_or_default()
}

/// The page's colours as they are now, light or dark, and the room for a chart.
fn colours(id: &str) -> Colours {
    let style = window().and_then(|window| {
        let root = window.document()?.document_element()?;
        window.get_computed_style(&root).ok().flatten()
    });
    let token = |name: &str| style.as_ref().and_then(|style| style.get_property_value(name).ok()).unwrap_or_default();
    let narrow = window().and_then(|window| window.match_media("(max-width: 560px)").ok().flatten());
    let place = window().and_then(|window| window.document()?.get_element_by_id(id));
    Colours {
        ink: token("--ink"),
        soft: token("--soft"),
        line: token("--line"),
        path: token("--path"),
        path_wash: token("--path-wash"),
        paper: token("--paper"),
        loss: token("--loss"),
        loss_wash: token("--loss-wash"),
        sans: token("--sans"),
        width: place.map_or(0.0, |place| f64::from(place.client_width())),
        narrow: narrow.is_some_and(|query| query.matches()),
    }
}

/// Loads the charts' script, once.
async fn load_echarts() -> Result<(), JsValue> {
    let window = window().ok_or("there is no page")?;
    if Reflect::has(&window, &"echarts".into())? {
        return Ok(());
    }
    let document = window.document().ok_or("there is no page")?;
    let script: HtmlScriptElement = document.create_element("script")?.unchecked_into();
    script.set_src(&assets::echarts()?);
    let loaded = js_sys::Promise::new(&mut |resolve, reject| {
        script.set_onload(Some(&resolve));
        script.set_onerror(Some(&reject));
    });
    document.head().ok_or("there is no head")?.append_child(&script)?;
    JsFuture::from(loaded).await?;
    Ok(())
}

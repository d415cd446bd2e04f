// Draws the charts of a report from the data that stands in the page.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const KINDS = ["I", "P", "B", "all"];
  // A paper page, less its margins, in CSS pixels.
  const PRINTED_WIDTH = 680;
  const HEIGHT = 250;
  // So many marks have room for a dot each, or for a gap between bars.
  const FEW = 200;
  // Steps of the time axis in seconds: decimal ones, then those of a clock.
  const TIME_STEPS = [
    ...[0.001, 0.01, 0.1].flatMap((step) => [step, 2 * step, 5 * step]),
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
  ];

  let colors = {};
  const readColors = () => {
    const style = getComputedStyle(root);
    const names = ["i", "p", "b", "all", "line", "cap", "ink-soft", "grid"];
    colors = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  };
  const shade = (color) => color + "33";

  // Numbers, as the rest of the page writes them.
  const prefixes = [[1e9, "G"], [1e6, "M"], [1e3, "k"]];
  const scaled = (unit, digits) => (value) => {
    const [scale, prefix] = prefixes.find(([scale]) => Math.abs(value) >= scale) ?? [1, ""];
    const number = value / scale;
    const text = digits ? number.toPrecision(Math.max(3, Math.trunc(number).toString().length)) : String(+number.toFixed(2));
    return `${scale === 1 ? +number.toFixed(1) : text} ${prefix}${unit}`;
  };
  const fixed = (decimals, unit = "") => (value) => value.toFixed(decimals) + unit;
  const moment = (seconds, decimals) => {
    const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60;
    const rest = (seconds % 60).toFixed(decimals).padStart(decimals ? decimals + 3 : 2, "0");
    return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
  };
  const ticks = (splits, text) => {
    // As many decimals as keep neighbors apart.
    for (let decimals = 0; decimals < 6; decimals++) {
      const texts = splits.map((split) => (split == null ? null : text(split, decimals)));
      if (new Set(texts).size === texts.length) return texts;
    }
    return splits.map((split) => (split == null ? null : text(split, 6)));
  };
  const timeTicks = (_, splits) =>
    data.end < 60 ? ticks(splits, (split, decimals) => split.toFixed(decimals) + " s") : ticks(splits, moment);

  // What each chart draws: its lines by name, how numbers are written, and the range of its scale.
  const padded = (min, max, least, most) => {
    const pad = Math.max((max - min) * 0.08, 1e-4);
    return [Math.max(min - pad, least), Math.min(max + pad, most)];
  };
  const CHARTS = {
    bytes: { text: scaled("B", true), tick: scaled("B"), range: (min, max) => [0, max * 1.05 || 1], log: true },
    rate: {
      line: "one second",
      text: scaled("bit/s", true),
      tick: scaled("bit/s"),
      range: (min, max) => [0, Math.max(max, data.average ?? 0, data.cap ?? 0) * 1.08 || 1],
      levels: [["average", data.average, "ink-soft", [2, 4]], ["cap", data.cap, "cap", [8, 4]]],
    },
    qp: {
      text: fixed(1),
      tick: (value) => String(+value.toFixed(2)),
      range: (min, max) => {
        const [middle, half] = [(min + max) / 2, Math.max((max - min) * 0.58, 1)];
        return [Math.max(middle - half, 0), middle + half];
      },
    },
    psnr: {
      line: "PSNR",
      text: fixed(2, " dB"),
      tick: (value) => `${+value.toFixed(2)} dB`,
      range: (min, max) => padded(min, max, 0, Infinity),
    },
    ssim: {
      line: "SSIM",
      text: fixed(4),
      tick: (value) => String(+value.toFixed(5)),
      range: (min, max) => padded(min, max, -1, 1),
    },
  };

  // The lines of a chart with their names and colors. Bytes and quantizers have one for each picture type.
  const linesOf = (name) => {
    const chart = data[name];
    if (chart.mean) return [{ name: CHARTS[name].line, color: "line", ...chart }];
    return KINDS.filter((kind) => chart[kind]).map((kind) => ({ name: kind === "all" ? "frames" : kind, kind, color: kind.toLowerCase(), ...chart[kind] }));
  };

  // Marks of a logarithmic scale count up from its least value, which must be 1 to 9 times a power of ten.
  const wholePower = (value) => {
    const power = 10 ** Math.floor(Math.log10(value));
    return Math.floor(value / power) * power;
  };

  const nothing = () => null;
  const bars = uPlot.paths.bars({ size: [data.seconds.length > FEW ? 1 : 0.8, 100], align: 1 });

  // A line that has few marks, or marks with nothing between them, is drawn as points.
  const styleOf = (name, line) => {
    const marks = line.mean.reduce((count, value) => count + (value != null), 0);
    const isSparse = line.kind && marks < data.seconds.length / 2 && (line.kind === "I" || data.merged);
    const color = () => colors[line.color];
    if (name === "bytes" && !data.merged) return { stroke: color, fill: color, width: 0, paths: bars, points: { show: false } };
    if (isSparse) return { stroke: color, paths: nothing, points: { show: true, size: 5, fill: color, width: 0 }, isSparse };
    const showsPoints = !data.merged && data.seconds.length <= FEW && name !== "rate";
    return { stroke: color, width: 1.5, points: { show: showsPoints, size: 4, fill: color, width: 0 } };
  };

  const indexSeries = {
    label: "frame",
    value: (_, seconds, series, at) =>
      at == null ? "" : `${data.index[at].toLocaleString("en")}${data.merged ? " and on" : ""}, at ${moment(seconds, 3)}`,
  };

  const rangeText = (line, text, at) => {
    const [mean, low, high] = [line.mean, line.low ?? line.mean, line.high ?? line.mean].map((values) => text(values[at]));
    return low === high ? mean : `${mean} (${low} to ${high})`;
  };

  const seriesOf = (name, isLog) => {
    const { text, levels = [] } = CHARTS[name];
    const series = [indexSeries], columns = [data.seconds], bands = [];
    // A scale of powers has no place for nothing.
    const drawn = (values) => (isLog ? values.map((value) => (value > 0 ? value : null)) : values);
    for (const line of linesOf(name)) {
      const { isSparse, ...style } = styleOf(name, line);
      if (line.low && !isSparse) {
        const edge = { label: "", class: "edge", stroke: "transparent", points: { show: false }, spanGaps: true };
        bands.push({ series: [series.length, series.length + 1], fill: () => shade(colors[line.color]) });
        series.push(edge, edge);
        columns.push(drawn(line.high), drawn(line.low));
      }
      const value = (_, value, index, at) => (at == null || line.mean[at] == null ? "" : rangeText(line, text, at));
      series.push({ label: line.name, class: `mark-${line.color}`, value, spanGaps: Boolean(line.kind), ...style });
      columns.push(drawn(line.mean));
    }
    for (const [label, level, color, dash] of levels.filter(([, level]) => level != null)) {
      series.push({
        label, dash, class: `mark-${color}`, stroke: () => colors[color], width: 1.5, points: { show: false }, value: () => text(level),
      });
      columns.push(data.seconds.map(() => level));
    }
    return { series, columns, bands };
  };

  const axis = () => ({
    stroke: () => colors["ink-soft"],
    grid: { stroke: () => colors.grid, width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  });

  const build = (figure, width, isLog) => {
    const name = figure.dataset.chart;
    const { range, tick } = CHARTS[name];
    const { series, columns, bands } = seriesOf(name, isLog);
    const y = isLog
      ? { distr: 3, range: (u, min, max) => (min == null ? [1, 10] : [wholePower(min), max * 1.2]) }
      : { range: (u, min, max) => (min == null ? [0, 1] : range(min, max)) };
    const options = {
      width,
      height: HEIGHT,
      series,
      bands,
      padding: [8, 24, 0, 0],
      scales: { x: { time: false, range: (u, min, max) => [min, max === data.seconds.at(-1) ? Math.max(data.end, max) : max] }, y },
      axes: [
        { ...axis(), values: timeTicks, incrs: TIME_STEPS, space: 80, size: 32 },
        { ...axis(), values: (u, splits) => splits.map((split) => (split == null ? null : tick(split))), size: 76, space: 36 },
      ],
      cursor: { sync: { key: "frames" }, points: { size: 7 }, y: false },
    };
    return new uPlot(options, columns, figure.querySelector(".plot"));
  };

  const charts = [...document.querySelectorAll("figure[data-chart]")].map((figure) => ({ figure, isLog: false, plot: null }));
  const widthOf = (figure) => Math.floor(figure.querySelector(".plot").clientWidth);
  const draw = (chart, width = widthOf(chart.figure)) => {
    chart.plot?.destroy();
    chart.plot = build(chart.figure, width, chart.isLog);
    const names = linesOf(chart.figure.dataset.chart).map((line) => line.name).join(", ");
    chart.plot.ctx.canvas.setAttribute("role", "img");
    chart.plot.ctx.canvas.setAttribute("aria-label", `${chart.figure.querySelector("h3").textContent}: ${names}`);
  };
  const drawAll = (width) => {
    readColors();
    charts.forEach((chart) => draw(chart, width));
  };

  const addSwitch = (chart) => {
    const button = document.createElement("button");
    button.type = "button";
    const show = () => {
      button.textContent = chart.isLog ? "linear scale" : "log scale";
    };
    button.addEventListener("click", () => {
      chart.isLog = !chart.isLog;
      show();
      draw(chart);
    });
    show();
    chart.figure.querySelector("figcaption").append(button);
  };

  charts.filter(({ figure }) => CHARTS[figure.dataset.chart].log).forEach(addSwitch);
  drawAll();
  const observer = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const { plot } = charts.find(({ figure }) => figure.contains(target));
      const width = Math.floor(contentRect.width);
      if (width > 0 && width !== plot.width && !root.classList.contains("printing")) plot.setSize({ width, height: HEIGHT });
    }
  });
  charts.forEach(({ figure }) => observer.observe(figure.querySelector(".plot")));
  dark.addEventListener("change", () => drawAll());
  // Paper is white, and narrower than most windows.
  addEventListener("beforeprint", () => {
    root.classList.add("printing");
    document.querySelectorAll("details").forEach((details) => (details.open = true));
    drawAll(PRINTED_WIDTH);
  });
  addEventListener("afterprint", () => {
    root.classList.remove("printing");
    drawAll();
  });
})();

import * as Plot from "@observablehq/plot";
import { definedOf, type Figure, figure, type FigureFrame } from "../figure.ts";
import { panels } from "../panels.ts";

/** A shift that was found, of the predicted nuclei against those of the Xenium run. */
export interface FoundShift {
  readonly best?: ShiftPoint | undefined;
  /** Standard deviations that the best score is above others. */
  readonly confidence: number;
  /** Scores of shifts along x through the best, and along y. */
  readonly curve: readonly ShiftPoint[];
}

interface ShiftPoint {
  readonly dxUm: number;
  readonly dyUm: number;
  readonly score: number;
}

/** What {@link registrationFigure} draws. */
export interface RegistrationFigureOptions extends FigureFrame {
  readonly whole: FoundShift;
  /** Top left, top right, bottom left, bottom right. */
  readonly quarters: readonly FoundShift[];
  /** The largest that was looked for, µm. */
  readonly maxShiftUm: number;
  /** Who predicted. */
  readonly source: string;
}

/** From here on a shift is sure. */
const SURE = 5;
const ALONG_X = "along x", ALONG_Y = "along y";
const COLOURS = ["#4c78a8", "#e45756"];
const PANEL_PX = 300;

/**
 * By how much the H&E is shifted against the RNA: scores of shifts near the best one, and the shifts of
 * the slide's quarters, which differ where it is turned or stretched.
 */
export function registrationFigure(options: RegistrationFigureOptions): Figure {
  const { whole, quarters, maxShiftUm, source, ...frame } = options;
  return panels([curvePanel(whole, maxShiftUm), quarterPanel(quarters)], {
    title: "Shift of the H&E against the RNA",
    subtitle: `${tellShift(whole)} · nuclei predicted by: ${source}`,
    caption:
      "How far predicted nuclei lie to the right of (x) and below (y) those of the Xenium run, in " +
      `the H&E's own orientation; shifts up to ${maxShiftUm} µm were tried`,
    ...definedOf(frame),
  });
}

function tellShift({ best, confidence }: FoundShift): string {
  if (best === undefined) return "no shift can be told";
  const told = `${signed(best.dxUm)} µm in x, ${signed(best.dyUm)} µm in y`;
  return confidence >= SURE ? told : `${told}, but that is not sure`;
}

function signed(um: number): string {
  const text = Math.abs(um).toFixed(1);
  return text === "0.0" ? text : `${um < 0 ? "−" : "+"}${text}`;
}

function curvePanel({ best, curve }: FoundShift, maxShiftUm: number): Figure {
  const points = best === undefined ? [] : curve.map((point, i) => {
    const isAlongX = i < curve.length / 2;
    return {
      axis: isAlongX ? ALONG_X : ALONG_Y,
      um: isAlongX ? point.dxUm : point.dyUm,
      score: point.score,
    };
  });
  const isEmpty = points.length === 0;
  const legend = {
    items: [ALONG_X, ALONG_Y].map((label, i) => ({
      label,
      color: COLOURS[i],
      mark: "line" as const,
    })),
  };
  return figure({
    subtitle: isEmpty ? "no scores" : "Agreement by shift",
    legend,
    ...{ width: PANEL_PX + 30, height: PANEL_PX, marginLeft: 52, marginBottom: 36, marginTop: 18 },
    x: {
      ...{ label: "shift (µm)", labelAnchor: "center", labelArrow: "none", ticks: 6 },
      ...isEmpty ? { domain: [-maxShiftUm, maxShiftUm] } : {},
    },
    y: {
      ...{ label: "correlation of masks", labelArrow: "none", grid: true, ticks: 5 },
      ...isEmpty ? { domain: [0, 1] } : {},
    },
    color: { domain: [ALONG_X, ALONG_Y], range: COLOURS },
    marks: [
      Plot.ruleX([0], { stroke: "#999", strokeDasharray: "3,3" }),
      Plot.line(points, { x: "um", y: "score", stroke: "axis" }),
      Plot.dot(points, { x: "um", y: "score", fill: "axis", r: 2.5 }),
    ],
  });
}

function quarterPanel(quarters: readonly FoundShift[]): Figure {
  const longest = Math.max(
    1,
    ...quarters.map(({ best }) => best === undefined ? 0 : Math.hypot(best.dxUm, best.dyUm)),
  );
  const cells = quarters.map(({ best, confidence }, i) => {
    const [x, y] = [i % 2 + 0.5, 1.5 - Math.floor(i / 2)];
    return {
      ...{ x, y, isSure: confidence >= SURE },
      toX: x + 0.32 * (best?.dxUm ?? 0) / longest,
      toY: y - 0.32 * (best?.dyUm ?? 0) / longest,
      text: best === undefined
        ? "none"
        : `${signed(best.dxUm)}, ${signed(best.dyUm)} µm${
          confidence >= SURE ? "" : "\n(not sure)"
        }`,
    };
  });
  const arrows = cells.filter(({ x, y, toX, toY }) => Math.hypot(toX - x, toY - y) > 0.04);
  return figure({
    subtitle: "Quarters of the slide",
    caption: arrows.length === 0
      ? "no arrows: no shift is long enough"
      : `arrows: the longest is ${longest.toFixed(1)} µm`,
    ...{ width: PANEL_PX, height: PANEL_PX, marginLeft: 12, marginRight: 12, marginTop: 18 },
    marginBottom: 12,
    x: { domain: [0, 2], axis: null },
    y: { domain: [0, 2], axis: null },
    marks: [
      Plot.frame({ stroke: "#888" }),
      Plot.ruleX([1], { stroke: "#bbb" }),
      Plot.ruleY([1], { stroke: "#bbb" }),
      Plot.dot(cells, { x: "x", y: "y", r: 2.5, fill: "#222" }),
      Plot.arrow(arrows, {
        ...{ x1: "x", y1: "y", x2: "toX", y2: "toY", headLength: 7, strokeWidth: 2 },
        stroke: (cell) => cell.isSure ? "#d62728" : "#999",
      }),
      Plot.text(cells, {
        x: "x",
        y: (cell) => cell.y - 0.47,
        text: "text",
        lineAnchor: "bottom",
        lineHeight: 1.2,
      }),
    ],
  });
}

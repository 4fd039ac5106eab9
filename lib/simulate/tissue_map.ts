import { Random } from "@/core/random.ts";
import { hashAt, layeredNoise, smoothNoise } from "./coordinate_noise.ts";
import { COMPARTMENTS, type SlideProfile } from "./simulation_tables.ts";

/** Side of a node of the map in µm. */
export const NODE_UM = 4;
/** Steps of the distances in a map: half a µm, to 63 steps away. */
const STEPS_PER_UM = 2;
const DISPLACEMENT_STEPS_PER_UM = 16;
/** Bare glass at the edge of the image, at least, µm: no cell may reach over it. */
const GLASS_UM = 22;
const [STROMA, EPITHELIUM, MUSCLE, VESSEL_WALL, LYMPHOID, FAT] = COMPARTMENTS.keys();

/** The parts of a tissue on a grid of nodes 4 µm apart, from which everything else is drawn. */
export interface TissueMap {
  /** Nodes across and down; node (i, j) lies at (4 i, 4 j) µm. */
  readonly columns: number;
  readonly rows: number;
  /** Position in {@link COMPARTMENTS}. */
  readonly compartment: Uint8Array;
  /** Distance to the edge of the tissue in half µm, positive inside. */
  readonly tissueEdge: Int8Array;
  /** Distance to the nearest lumen in half µm, negative in it. */
  readonly lumenEdge: Int8Array;
  /** 1 where the nearest lumen is that of a vessel. */
  readonly blood: Uint8Array;
  /** Displacement along and across the fibres in 1/16 µm. */
  readonly along: Int16Array;
  readonly across: Int16Array;
  /** Direction of undisturbed fibres. */
  readonly fibreCos: number;
  readonly fibreSin: number;
}

/** A vessel, as a disc. */
interface Vessel {
  readonly x: number;
  readonly y: number;
  readonly lumenUm: number;
  readonly wallUm: number;
}

/** Everything that the parts of one map are drawn from. */
interface MapDraft extends TissueMap {
  readonly profile: SlideProfile;
  readonly seed: number;
  readonly random: Random;
}

/**
 * Draws the parts of a tissue: where tissue is, parenchyma, lymphoid aggregates, fat, vessels,
 * lumens and the course of fibres.
 *
 * @param widthUm Width of the slide in µm.
 * @param heightUm Height of the slide in µm.
 */
export function drawTissueMap(
  profile: SlideProfile,
  widthUm: number,
  heightUm: number,
  random: Random,
): TissueMap {
  const columns = Math.ceil(widthUm / NODE_UM) + 2, rows = Math.ceil(heightUm / NODE_UM) + 2;
  const count = columns * rows;
  const fibreAngle = random.split("fibres").uniform() * Math.PI;
  const draft: MapDraft = {
    columns,
    rows,
    compartment: new Uint8Array(count),
    tissueEdge: new Int8Array(count),
    lumenEdge: new Int8Array(count).fill(63),
    blood: new Uint8Array(count),
    along: new Int16Array(count),
    across: new Int16Array(count),
    fibreCos: Math.cos(fibreAngle),
    fibreSin: Math.sin(fibreAngle),
    profile,
    seed: random.split("map").integer(2 ** 31),
    random,
  };
  drawEdgeAndFibres(draft, widthUm, heightUm);
  drawParenchyma(draft);
  drawLymphoid(draft);
  drawFat(draft);
  drawVessels(draft, widthUm, heightUm);
  return draft;
}

/** Quantised distance: half µm, to 63 steps. */
function quantise(distanceUm: number): number {
  return Math.max(-63, Math.min(63, Math.round(distanceUm * STEPS_PER_UM)));
}

function drawEdgeAndFibres(draft: MapDraft, widthUm: number, heightUm: number): void {
  const { columns, rows, tissueEdge, along, across, seed } = draft;
  const half = Math.min(widthUm, heightUm) / 2;
  for (let j = 0, n = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++, n++) {
      const x = i * NODE_UM, y = j * NODE_UM;
      const dx = Math.abs(x / widthUm - 0.5) * 2, dy = Math.abs(y / heightUm - 0.5) * 2;
      const radius = (dx ** 3.6 + dy ** 3.6) ** (1 / 3.6);
      const wobble = layeredNoise(x / 190, y / 190, seed + 11) - 0.5;
      const border = Math.min(x, y, widthUm - x, heightUm - y) - GLASS_UM;
      const inside = (0.975 - radius) * half + wobble * Math.min(60, half * 0.18);
      tissueEdge[n] = quantise(Math.min(inside, border));
      along[n] = DISPLACEMENT_STEPS_PER_UM * 60 * (layeredNoise(x / 210, y / 210, seed + 21) - 0.5);
      across[n] = DISPLACEMENT_STEPS_PER_UM * 190 *
        (layeredNoise(x / 300, y / 300, seed + 31) - 0.5);
    }
  }
}

/** Percent of the cells that the main tissue consists of. */
function parenchymaShare({ percent }: SlideProfile): number {
  const labels = ["Epithelial", "Melanocyte", "Stem_like", "Glioblastoma", "Specialized"];
  return labels.reduce((sum, label) => sum + (percent[label] ?? 0), 0) / 100;
}

function drawParenchyma(draft: MapDraft): void {
  const { profile: { design }, profile } = draft;
  const share = parenchymaShare(profile);
  const area = design.parenchyma === "muscle"
    ? Math.min(0.8, share * 1.95)
    : design.parenchyma === "glands"
    ? Math.min(0.86, share * 0.82 / (1 - design.lumenFraction))
    : Math.min(0.86, share * 0.8);
  const scale = design.parenchyma === "muscle" ? 240 : 170;
  assignTop(draft, area, scale, 41, () => true, (n, x, y) => {
    if (design.parenchyma === "muscle") draft.compartment[n] = MUSCLE;
    else drawUnit(draft, n, x, y);
  });
}

/** Glands and nests are the cells of a jittered lattice; septa of stroma run between them. */
function drawUnit(
  { profile: { design }, seed, ...map }: MapDraft,
  n: number,
  x: number,
  y: number,
) {
  const unit = design.unitUm;
  const wx = x + 24 * (smoothNoise(x / 45, y / 45, seed + 51) - 0.5);
  const wy = y + 24 * (smoothNoise(x / 45, y / 45, seed + 52) - 0.5);
  const ci = Math.floor(wx / unit), cj = Math.floor(wy / unit);
  let first = Infinity, second = Infinity, size = 0;
  for (let j = cj - 1; j <= cj + 1; j++) {
    for (let i = ci - 1; i <= ci + 1; i++) {
      const hash = hashAt(i, j, seed + 53);
      const px = (i + 0.18 + 0.64 * (hash & 0xffff) / 65536) * unit;
      const py = (j + 0.18 + 0.64 * (hash >>> 16) / 65536) * unit;
      const distance = Math.hypot(px - wx, py - wy);
      if (distance < first) {
        second = first;
        first = distance;
        size = (hashAt(i, j, seed + 54) & 255) / 255;
      } else if (distance < second) second = distance;
    }
  }
  const septum = design.parenchyma === "glands" ? 7 : 3.5;
  map.compartment[n] = second - first < septum ? STROMA : EPITHELIUM;
  if (design.lumenFraction === 0) return;
  const lumen = unit * 0.5 * Math.sqrt(design.lumenFraction) * (0.35 + 1.1 * size);
  const edge = quantise(first - lumen);
  if (edge < map.lumenEdge[n]) map.lumenEdge[n] = edge;
}

function drawLymphoid(draft: MapDraft): void {
  const { percent } = draft.profile;
  const share = ((percent.B_Plasma ?? 0) + 0.55 * (percent.T_NK ?? 0)) / 100;
  const area = Math.min(0.8, share * 0.55);
  const outside = (n: number) => draft.compartment[n] === STROMA;
  assignTop(draft, area, 110, 61, outside, (n) => {
    draft.compartment[n] = LYMPHOID;
  });
}

function drawFat(draft: MapDraft): void {
  const stroma = (n: number) => draft.compartment[n] === STROMA && draft.lumenEdge[n] > 30;
  assignTop(draft, draft.profile.design.fatFraction, 200, 71, stroma, (n) => {
    draft.compartment[n] = FAT;
  });
}

/** Broad shapes whose edges are bent and follow the fibres. */
function regionField(
  draft: MapDraft,
  n: number,
  x: number,
  y: number,
  scaleUm: number,
  seed: number,
): number {
  const { along, across } = fibreCoordinates(draft, n, x, y);
  const bentX = x + 70 * (smoothNoise(x / 90, y / 90, seed + 1000) - 0.5);
  const bentY = y + 70 * (smoothNoise(x / 90 + 31.7, y / 90, seed + 1000) - 0.5);
  const broad = layeredNoise(
    (bentX * 0.8 + bentY * 0.6) / scaleUm,
    (bentY * 0.8 - bentX * 0.6) / scaleUm,
    seed,
  );
  return Math.max(0, broad + 0.1 * (smoothNoise(along / 75, across / 13, seed + 2000) - 0.5));
}

function fibreCoordinates(map: TissueMap, n: number, x: number, y: number) {
  const { fibreCos: cos, fibreSin: sin } = map;
  return {
    along: x * cos + y * sin + map.along[n] / DISPLACEMENT_STEPS_PER_UM,
    across: y * cos - x * sin + map.across[n] / DISPLACEMENT_STEPS_PER_UM,
  };
}

/** Applies `assign` where a smooth field is highest, to `share` of the tissue. */
function assignTop(
  draft: MapDraft,
  share: number,
  scaleUm: number,
  salt: number,
  isCandidate: (node: number) => boolean,
  assign: (node: number, x: number, y: number) => void,
): void {
  if (share <= 0) return;
  const { columns, rows, tissueEdge, seed } = draft;
  const field = new Float32Array(columns * rows).fill(-1);
  let tissue = 0;
  for (let j = 0, n = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++, n++) {
      if (tissueEdge[n] > 0) tissue++;
      if (!isCandidate(n)) continue;
      field[n] = regionField(draft, n, i * NODE_UM, j * NODE_UM, scaleUm, seed + salt);
    }
  }
  const values: number[] = [];
  for (let n = 0; n < field.length; n++) {
    if (field[n] >= 0 && tissueEdge[n] > 0) values.push(field[n]);
  }
  if (values.length === 0) return;
  const ranked = Float32Array.from(values).sort();
  const wanted = Math.min(ranked.length, Math.round(share * tissue));
  const threshold = wanted === 0 ? Infinity : ranked[ranked.length - wanted];
  for (let j = 0, n = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++, n++) {
      if (field[n] >= threshold) assign(n, i * NODE_UM, j * NODE_UM);
    }
  }
}

function drawVessels(draft: MapDraft, widthUm: number, heightUm: number): void {
  const { columns, rows, profile, seed } = draft;
  const random = draft.random.split("vessels");
  const share = 0.012 + 0.12 * (profile.percent.Blood_vessel ?? 0) / 100;
  const wanted = share * widthUm * heightUm;
  const vessels: Vessel[] = [];
  for (let area = 0, tries = 0; area < wanted && tries < 100_000; tries++) {
    const outer = 9 + 46 * random.uniform() ** 2.6;
    const x = random.uniform() * widthUm, y = random.uniform() * heightUm;
    const isFree = vessels.every((v) =>
      Math.hypot(v.x - x, v.y - y) > v.lumenUm + v.wallUm + outer + 14
    );
    if (!isFree) continue;
    const wallUm = 4 + outer * 0.24;
    vessels.push({ x, y, lumenUm: outer - wallUm * 0.6, wallUm });
    area += Math.PI * outer * outer;
  }
  for (const { x, y, lumenUm, wallUm } of vessels) {
    const reach = (lumenUm + wallUm) * 1.5 + 32;
    const stretch = 0.75 + 0.5 * random.uniform(), angle = random.uniform() * Math.PI;
    const cos = Math.cos(angle), sin = Math.sin(angle);
    const firstRow = Math.max(0, Math.floor((y - reach) / NODE_UM));
    const firstColumn = Math.max(0, Math.floor((x - reach) / NODE_UM));
    for (let j = firstRow; j < rows && j * NODE_UM < y + reach; j++) {
      for (let i = firstColumn; i < columns && i * NODE_UM < x + reach; i++) {
        const n = j * columns + i;
        const dx = i * NODE_UM - x, dy = j * NODE_UM - y;
        const du = (dx * cos + dy * sin) * stretch, dv = (dy * cos - dx * sin) / stretch;
        const wobble = 1 + 0.35 * (smoothNoise(i / 5, j / 5, seed + 81) - 0.5);
        const distance = Math.hypot(du, dv) * wobble - lumenUm;
        const edge = quantise(distance);
        if (edge < draft.lumenEdge[n]) {
          draft.lumenEdge[n] = edge;
          draft.blood[n] = 1;
        }
        if (distance < wallUm) draft.compartment[n] = VESSEL_WALL;
      }
    }
  }
}

/** What a map says of one place. */
export interface Place {
  /** Weights of the compartments, by position in {@link COMPARTMENTS}; they sum to 1. */
  readonly weights: Float32Array;
  /** Distance to the edge of the tissue in µm, positive inside, to 31 µm. */
  tissueUm: number;
  /** Distance to the nearest lumen in µm, negative in it, to 31 µm. */
  lumenUm: number;
  /** How much the nearest lumen is a vessel's. */
  blood: number;
  /** Coordinates along and across the fibres in µm. */
  along: number;
  across: number;
}

/** A place to be filled by {@link lookUp}. */
export function emptyPlace(): Place {
  const weights = new Float32Array(COMPARTMENTS.length);
  return { weights, tissueUm: 0, lumenUm: 0, blood: 0, along: 0, across: 0 };
}

/** Fills `place` with what the map says at (x, y) µm, between nodes by bilinear interpolation. */
export function lookUp(map: TissueMap, x: number, y: number, place: Place): void {
  const { columns, rows, compartment, tissueEdge, lumenEdge, blood } = map;
  const { weights } = place;
  const gx = Math.min(columns - 1.001, Math.max(0, x / NODE_UM));
  const gy = Math.min(rows - 1.001, Math.max(0, y / NODE_UM));
  const i = Math.floor(gx), j = Math.floor(gy);
  const u = gx - i, v = gy - j;
  const n = j * columns + i, s = n + columns;
  const a = (1 - u) * (1 - v), b = u * (1 - v), c = (1 - u) * v, d = u * v;
  weights.fill(0);
  weights[compartment[n]] += a;
  weights[compartment[n + 1]] += b;
  weights[compartment[s]] += c;
  weights[compartment[s + 1]] += d;
  place.tissueUm = (tissueEdge[n] * a + tissueEdge[n + 1] * b + tissueEdge[s] * c +
    tissueEdge[s + 1] * d) / STEPS_PER_UM;
  place.lumenUm =
    (lumenEdge[n] * a + lumenEdge[n + 1] * b + lumenEdge[s] * c + lumenEdge[s + 1] * d) /
    STEPS_PER_UM;
  place.blood = blood[n] * a + blood[n + 1] * b + blood[s] * c + blood[s + 1] * d;
  const { along, across, fibreCos: cos, fibreSin: sin } = map;
  place.along = x * cos + y * sin +
    (along[n] * a + along[n + 1] * b + along[s] * c + along[s + 1] * d) / DISPLACEMENT_STEPS_PER_UM;
  place.across = y * cos - x * sin +
    (across[n] * a + across[n + 1] * b + across[s] * c + across[s + 1] * d) /
      DISPLACEMENT_STEPS_PER_UM;
}

/**
 * Direction in which long cells lie at (x, y) µm, radians: along the fibres, around a vessel in its
 * wall.
 */
export function grainAngleAt(map: TissueMap, x: number, y: number, aroundVessel: boolean): number {
  const here = emptyPlace(), right = emptyPlace(), below = emptyPlace();
  lookUp(map, x, y, here);
  lookUp(map, x + 6, y, right);
  lookUp(map, x, y + 6, below);
  const gx = aroundVessel ? right.lumenUm - here.lumenUm : right.across - here.across;
  const gy = aroundVessel ? below.lumenUm - here.lumenUm : below.across - here.across;
  return Math.atan2(-gx, gy);
}

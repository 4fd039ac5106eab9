import { Random } from "@/core/random.ts";
import { assignTypes, type CellTyping } from "./assign_types.ts";
import { type CellShapes, drawShapes } from "./cell_shapes.ts";
import { type CellPlaces, placeCells } from "./place_cells.ts";
import { PIXEL_UM, type SlidePlan } from "./slide_plan.ts";
import { drawTissueMap, type TissueMap } from "./tissue_map.ts";

/** A slide's tissue: its parts, and its cells with type and outline. */
export interface SimulatedTissue {
  readonly plan: SlidePlan;
  readonly map: TissueMap;
  readonly places: CellPlaces;
  readonly typing: CellTyping;
  readonly shapes: CellShapes;
}

/** Grows the tissue of a plan. */
export function growTissue(plan: SlidePlan): SimulatedTissue {
  const random = new Random(`${plan.profile.id}/${plan.profile.tissue}/${plan.seed}`);
  const map = drawTissueMap(
    plan.profile,
    plan.width * PIXEL_UM,
    plan.height * PIXEL_UM,
    random.split("tissue"),
  );
  const places = placeCells(map, plan.cellCount, random.split("cells"));
  const typing = assignTypes(plan.profile, places, random.split("types"));
  const shapes = drawShapes(plan, map, places, typing, random.split("shapes"));
  return { plan, map, places, typing, shapes };
}

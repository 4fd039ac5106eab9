import type { DownloadLink } from "@/fetch/mod.ts";
import catalogueFile from "../../data/slides.json" with { type: "json" };

/** How the published analysis clustered a table of this slide. */
export interface ClusteringChoice {
  /** Neighbours of each row in the graph. */
  readonly neighbors: number;
  /** Principal components used. */
  readonly principalComponents: number;
  /** Leiden resolutions. */
  readonly leidenResolutions: readonly number[];
}

/** How the published analysis combined nuclei and cells of this slide. */
export interface CombinedChoice {
  /** Principal components of nuclei that were kept. */
  readonly nucleusComponents: number;
  /** Principal components of cytoplasm that were kept. */
  readonly cytoplasmComponents: number;
  /** Combined components that neighbours were found by. */
  readonly principalComponents: number;
  /** Leiden resolutions. */
  readonly leidenResolutions: readonly number[];
  /** That of the clusters that were labelled. */
  readonly resolution: number;
}

/** A slide of the published data set. */
export interface CatalogueSlide {
  /** `heart_s0` */
  readonly id: string;
  /** `heart`: the id up to its last underscore. */
  readonly tissue: string;
  /** `cancer` or `non-cancer`. */
  readonly condition: string;
  /** The disease in words. */
  readonly disease: string;
  /** Version of 10x's analysis software. */
  readonly xeniumAnalysisVersion: string;
  /** Whether its panel is the 5,000-gene one. */
  readonly prime5k: boolean;
  /** Name of its page among 10x's public data sets. */
  readonly sourcePage: string;
  /** Whether the authors aligned the H&E themselves. */
  readonly alignmentRedone: boolean;
  /** Single-cell atlas that its nuclei were mapped to. */
  readonly tangramReference: string;
  /** Published number of cells. */
  readonly cells: number;
  /** Published number of cells with more than 10 transcripts. */
  readonly cellsOver10Transcripts: number;
  /** Columns of `table_cells`. */
  readonly genes: number;
  /** Columns of `table_nuclei`. */
  readonly features: number;
  /** How nuclei were clustered. */
  readonly nucleiClustering: ClusteringChoice;
  /** How cells were clustered. */
  readonly cellsClustering: ClusteringChoice;
  /** How both were combined; known of five slides. */
  readonly combined?: CombinedChoice;
  /** Bins of `transcript_cat`, where they are not seven. */
  readonly transcriptQuantiles?: number;
  /** The authors' remark on quality. */
  readonly qualityNote?: string;
  /** Whether models were trained on it. */
  readonly inTrainingSet: boolean;
  /** Links to its files, where they are known. */
  readonly downloads?: readonly DownloadLink[];
}

/** A slide that the authors considered and dropped. */
export interface RejectedSlide {
  /** `breast_s2` */
  readonly id: string;
  /** Why it was dropped. */
  readonly reason: string;
}

/** The 31 slides, in the published order. */
export const catalogueSlides: readonly CatalogueSlide[] = catalogueFile.slides;

/** The slides that were considered and dropped. */
export const rejectedSlides: readonly RejectedSlide[] = catalogueFile.rejected;

/** Address of a slide's page among 10x's public data sets. */
export function sourcePageUrl({ sourcePage }: CatalogueSlide): string {
  return `https://www.10xgenomics.com/datasets/${sourcePage}`;
}

/**
 * The published slide of this name, `undefined` for a slide of the user's own.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { catalogueSlide } from "@/pipeline/catalogue.ts";
 *
 * assertEquals(catalogueSlide("heart_s0")?.cells, 26366);
 * ```
 */
export function catalogueSlide(id: string): CatalogueSlide | undefined {
  return catalogueSlides.find((slide) => slide.id === id);
}

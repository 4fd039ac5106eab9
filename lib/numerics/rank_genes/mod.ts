export {
  type RankedGenes,
  type RankedGroup,
  rankGenes,
  type RankGenesOptions,
  type SkippedGroup,
} from "./rank_genes.ts";

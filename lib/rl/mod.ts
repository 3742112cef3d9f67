/**
 * Meta-reinforcement learning: an account to be differentiated through, estimators whose second derivatives are right, returns whose
 * discounts are learned, and an agent whose learning is its memory.
 * @module
 */
export { type AccountCourse, accountCourse, type CourseRules } from "./account_course.ts";
export { diceReturn, type Episodes, magicBox, policyLoss, type PolicyLossOptions, stepTarget, TAKEN } from "./dice.ts";
export { growthLoss, type GrowthOptions, outputPosition } from "./growth_loss.ts";
export {
  lambdaReturn,
  type LambdaReturnInputs,
  learnedReturn,
  returnLoss,
  type ReturnLossOptions,
} from "./lambda_return.ts";
export {
  type Bandit,
  memoryLoss,
  memoryPolicy,
  type MemorySizes,
  type Played,
  playedTask,
  playEpisodes,
  type PlayOptions,
} from "./memory_agent.ts";

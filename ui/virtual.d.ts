declare module "virtual:icons" {
  /** All `<symbol>`s of the sprite. */
  export const sprite: string;
}
declare module "virtual:dockview.css";

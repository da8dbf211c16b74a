// From a diagram to a drawing.
#pragma once

#include "plot/diagram.h"
#include "plot/drawing.h"

namespace kerata::plot {

/// The boxes, clusters and edges of a diagram as the layout sees them: sizes only.
LayoutTask layout_task(const Diagram& diagram, Direction direction);

/// Boxes look like Keras's: tables with a black title, arrows between them.
Drawing draw(const Diagram& diagram, Direction direction);

}  // namespace kerata::plot

// What a picture of a model shows, however it is drawn: labelled boxes, edges, and clusters for models inside.
#pragma once

#include <string>
#include <vector>

#include "kerata/models/model.h"
#include "kerata/plot/model_to_dot.h"

namespace kerata::plot {

enum class CellStyle { title, plain, trainable, frozen };

struct Cell {
  std::string before, bold, after;
  CellStyle style = CellStyle::plain;
};

/// A table: rows of cells. As in Keras, all rows but the last are one cell over `num_columns` columns.
struct BoxLabel {
  int num_columns = 1;
  std::vector<std::vector<Cell>> rows;
};

struct Diagram {
  struct Entry {
    bool is_cluster = false;
    int index = 0;
  };
  struct Edge {
    int from = 0, to = 0;  // boxes
  };
  struct Cluster {
    std::string name;
    std::vector<Entry> entries;  // in the order of the model's layers; a shared layer can stand in several clusters
    std::vector<Edge> edges;     // each pair once
  };
  std::vector<BoxLabel> boxes;
  std::vector<Cluster> clusters;  // clusters[0] is the whole model
};

/// The same boxes, labels, clusters and edges as keras.utils.model_to_dot makes. Throws ValueError when the model is
/// not built.
Diagram make_diagram(const Model& model, const utils::ModelToDotOptions& options);

}  // namespace kerata::plot

// The networks of the workloads, as peers/*_bench.py have them.
#pragma once

#include <kerata/kerata.h>

namespace bench {

kerata::Model xor_net();
kerata::Model fashion_mlp();
kerata::Model batchnorm_mlp();
kerata::Model mnist_mlp();
kerata::Model mnist_cnn();
kerata::Model imdb_lstm();
kerata::Model wide_deep();
/// ResNet-20 of He et al. 2015, with a convolution in the shortcuts that change the shape.
kerata::Model resnet();
/// MLP-Mixer (Tolstikhin et al. 2021) on 8 x 8 patches, normalized over the batch.
kerata::Model mlp_mixer();

}  // namespace bench

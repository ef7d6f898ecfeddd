"""regsearch: find the weight regularization that makes an overfit Keras network generalize, and prove it."""

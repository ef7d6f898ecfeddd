"""Models of several inputs."""

from tests.keras_zoo.zoo import exhibit


def inputs_of(keras, shapes, *, named=True):
    return [keras.Input(shape, name=name if named else None) for name, shape in shapes.items()]


@exhibit("several", batch_size=8)
def a_branch_for_each_input(keras, L, shape):
    numbers, image, tokens = inputs_of(keras, shape)
    seen = L.Flatten()(L.MaxPooling2D(2)(L.Conv2D(3, 2, activation="relu")(image)))
    read = L.GlobalAveragePooling1D()(L.Embedding(20, 4, mask_zero=True)(tokens))
    joint = L.Concatenate()([L.Dense(4, "relu")(numbers), seen, read])
    joint = L.Dropout(0.2)(L.BatchNormalization()(joint))
    return keras.Model([image, numbers, tokens], L.Dense(1)(joint))  # in another order than the data's


@exhibit("several")
def inputs_in_a_dict(keras, L, shape):
    numbers, image, tokens = inputs_of(keras, shape)
    joint = L.Concatenate()([numbers, L.Flatten()(image), L.Flatten()(L.Embedding(20, 2)(tokens))])
    inputs = {"tokens": tokens, "image": image, "numbers": numbers}
    return keras.Model(inputs, L.Dense(1)(L.Dense(4, "relu")(joint)))


@exhibit("several")
def inputs_without_names(keras, L, shape):
    numbers, image, tokens = inputs_of(keras, shape, named=False)
    wide = L.Dense(1)(numbers)
    deep = L.Dense(1)(L.Dense(4, "relu")(L.Concatenate()([L.Flatten()(image), numbers])))
    return keras.Model([numbers, image, tokens], wide + deep + L.Dense(1)(L.CategoryEncoding(20)(tokens)))


@exhibit("several")
def integers_as_an_input(keras, L, shape):
    numbers, image = (keras.Input(shape[name], name=name) for name in ("numbers", "image"))
    tokens = keras.Input(shape["tokens"], dtype="int32", name="tokens")
    looked_up = L.GlobalAveragePooling1D()(L.Embedding(20, 4)(tokens))
    seen = L.GlobalAveragePooling2D()(image)
    return keras.Model([tokens, numbers, image], L.Dense(1)(L.Concatenate()([looked_up, numbers, seen])))


@exhibit("several")
def an_embedding_shared_by_parts_of_an_input(keras, L, shape):
    numbers, image, tokens = inputs_of(keras, shape)
    words = L.Embedding(20, 4)
    pool = L.GlobalAveragePooling1D()
    left, right = pool(words(tokens[:, :3])), pool(words(tokens[:, 3:]))
    return keras.Model(
        [numbers, image, tokens], L.Dense(1)(L.Concatenate()([left * right, numbers, L.Flatten()(image)]))
    )


@exhibit("several", batch_size=8)
def subclassed_that_takes_a_dict(keras, L, shape):
    class OfADict(keras.Model):
        def __init__(self):
            super().__init__()
            self.look, self.words, self.flat = L.Conv2D(2, 2, activation="relu"), L.Embedding(20, 2), L.Flatten()
            self.body, self.norm, self.head = L.Dense(4, "tanh"), L.BatchNormalization(), L.Dense(1)

        def call(self, inputs, training=False):
            seen, read = self.look(inputs["image"]), self.words(inputs["tokens"])
            parts = [self.body(inputs["numbers"]), self.norm(self.flat(seen), training=training), self.flat(read)]
            return self.head(keras.ops.concatenate(parts, axis=1))

    return OfADict()


@exhibit("several")
def subclassed_that_takes_a_list(keras, L, shape):
    class OfAList(keras.Model):
        def __init__(self):
            super().__init__()
            self.body, self.words, self.flat, self.head = L.Dense(4), L.Embedding(20, 2), L.Flatten(), L.Dense(1)

        def call(self, inputs):
            numbers, image, tokens = inputs
            read = self.flat(self.words(tokens))
            joint = keras.ops.concatenate([self.body(numbers), self.flat(image), read], axis=1)
            return self.head(joint)

    return OfAList()


@exhibit("several", by_fit="the model has its own train_step")
def own_train_step_of_several_inputs(keras, L, shape):
    class Halved(keras.Model):
        def train_step(self, data):
            x, y = data[:2]
            return super().train_step((x | {"numbers": x["numbers"] / 2}, y))

    numbers, image, tokens = inputs_of(keras, shape)
    joint = L.Concatenate()([numbers, L.Flatten()(image), L.Flatten()(L.Embedding(20, 2)(tokens))])
    return Halved({"numbers": numbers, "image": image, "tokens": tokens}, L.Dense(1)(joint))

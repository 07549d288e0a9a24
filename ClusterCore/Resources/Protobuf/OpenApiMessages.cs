namespace Flotilla.ClusterCore.Resources.Protobuf;

/// <summary>The messages of gnostic's OpenAPIv2.proto, and of each the fields that an API server's document has.</summary>
internal static class OpenApiMessages
{
    private static readonly OpenApiMessage info = new([new("title", 1, OpenApiShape.Text), new("version", 2, OpenApiShape.Text)]);

    private static readonly OpenApiMessage queryParameter = new(
    [
        new("required", 1, OpenApiShape.Flag), new("in", 2, OpenApiShape.Text), new("description", 3, OpenApiShape.Text),
        new("name", 4, OpenApiShape.Text), new("type", 6, OpenApiShape.Text), new("uniqueItems", 20, OpenApiShape.Flag),
    ]);

    private static readonly OpenApiMessage response = new([new("description", 1, OpenApiShape.Text)]);

    private static readonly OpenApiMessage operation = new(
        [
            new("description", 3, OpenApiShape.Text),
            // ParametersItem { Parameter { NonBodyParameter { QueryParameterSubSchema } } }
            new("parameters", 8, OpenApiShape.Messages, static () => queryParameter, [1, 2, 3]),
            // Responses { NamedResponseValue { ResponseValue { Response } } }
            new("responses", 9, OpenApiShape.Map, static () => response, [1], Entry: 1),
        ],
        Extensions: 13);

    private static readonly OpenApiMessage path = new(
    [
        new("get", 2, OpenApiShape.Message, static () => operation), new("put", 3, OpenApiShape.Message, static () => operation),
        new("post", 4, OpenApiShape.Message, static () => operation), new("delete", 5, OpenApiShape.Message, static () => operation),
        new("patch", 8, OpenApiShape.Message, static () => operation),
    ]);

    private static readonly OpenApiMessage schema = new(
        [
            new("$ref", 1, OpenApiShape.Text), new("format", 2, OpenApiShape.Text), new("title", 3, OpenApiShape.Text),
            new("description", 4, OpenApiShape.Text), new("default", 5, OpenApiShape.Any), new("multipleOf", 6, OpenApiShape.Number),
            new("maximum", 7, OpenApiShape.Number), new("exclusiveMaximum", 8, OpenApiShape.Flag), new("minimum", 9, OpenApiShape.Number),
            new("exclusiveMinimum", 10, OpenApiShape.Flag), new("maxLength", 11, OpenApiShape.Integer), new("minLength", 12, OpenApiShape.Integer),
            new("pattern", 13, OpenApiShape.Text), new("maxItems", 14, OpenApiShape.Integer), new("minItems", 15, OpenApiShape.Integer),
            new("uniqueItems", 16, OpenApiShape.Flag), new("maxProperties", 17, OpenApiShape.Integer), new("minProperties", 18, OpenApiShape.Integer),
            new("required", 19, OpenApiShape.Texts), new("enum", 20, OpenApiShape.Anys),
            new("additionalProperties", 21, OpenApiShape.MessageOrFlag, Self, [1]), new("type", 22, OpenApiShape.Text, Wraps: [1]),
            new("items", 23, OpenApiShape.Message, Self, [1]), new("allOf", 24, OpenApiShape.Messages, Self),
            new("properties", 25, OpenApiShape.Map, Self, Entry: 1), new("example", 30, OpenApiShape.Any),
        ],
        Extensions: 31);

    public static OpenApiMessage Document { get; } = new(
    [
        new("swagger", 1, OpenApiShape.Text), new("info", 2, OpenApiShape.Message, static () => info),
        new("paths", 8, OpenApiShape.Map, static () => path, Entry: 2), new("definitions", 9, OpenApiShape.Map, Self, Entry: 1),
    ]);

    private static OpenApiMessage Self() => schema;
}

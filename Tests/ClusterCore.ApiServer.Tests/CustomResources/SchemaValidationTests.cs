using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.CustomResources;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Tests.CustomResources;

public sealed class SchemaValidationTests
{
    public static TheoryData<string> Cases() => [.. GoldenCase.Names("Cases")];

    /// <summary>A file has the schema, a scale where there is one, and cases: an object, what it was before, which part is written, the errors.</summary>
    [Theory, MemberData(nameof(Cases))]
    public void Objects_are_refused_with_upstreams_paths_and_words(string name)
    {
        var golden = GoldenCase.Read("Cases", name);
        var version = new JsonObject { ["name"] = "v1", ["served"] = true, ["schema"] = new JsonObject { ["openAPIV3Schema"] = golden["schema"]!.DeepClone() }, ["subresources"] = golden["subresources"]?.DeepClone() };
        var custom = Assert.Single(CustomResource.From(new() { ["spec"] = new JsonObject { ["group"] = "example.com", ["names"] = new JsonObject { ["plural"] = "things", ["kind"] = "Thing" }, ["versions"] = new JsonArray(version) } }));
        foreach (var (description, node) in golden.Object("cases")!)
        {
            var (one, obj) = (node!.AsObject(), node["object"]!.AsObject());
            var errors = one.Object("old") is { } old ? CustomObjectValidation.Update(custom, obj, old, one.Text("subresource") ?? "") : CustomObjectValidation.Create(custom, obj);
            Assert.Equal(one.Texts("errors").Prepend(description), errors.Select(static error => $"{error.Reason} {error}").Prepend(description));
        }
    }

    [Theory]
    [InlineData("date", "2024-02-29", "2023-02-29|2024-2-1|24-01-01|")]
    [InlineData("date-time", "2014-12-15T19:30:20.000Z|2014-12-15t19:30:20+01:00|2024-01-01T23:59:59z", "2014-12-15|2014-12-15T24:00:00Z|2014-12-15T10:60:00Z|2014-12-15 10:00:00Z|")]
    [InlineData("duration", "1h30m|22 ns|1.5s|2 weeks|0", "abc|1 fortnight|")]
    [InlineData("uuid", "123E4567-e89b-12d3-a456-426614174000|123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400|x")]
    [InlineData("uuid3", "123e4567-e89b-32d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000")]
    [InlineData("uuid4", "123e4567-e89b-42d3-a456-426614174000", "123e4567-e89b-42d3-c456-426614174000")]
    [InlineData("uuid5", "123e4567-e89b-52d3-b456-426614174000", "123e4567-e89b-42d3-b456-426614174000")]
    [InlineData("ipv4", "10.0.0.1|010.0.0.1", "10.0.0|256.0.0.1|::1|")]
    [InlineData("ipv6", "::1|2001:db8::ff00:42", "10.0.0.1|[::1]|fe80::1%eth0|::g")]
    [InlineData("cidr", "10.0.0.0/8|2001:db8::/64|10.1.2.3/8", "10.0.0.0|10.0.0.0/33|::/129|/8")]
    [InlineData("mac", "01:23:45:67:89:ab|01-23-45-67-89-AB-cd-ef|0123.4567.89ab", "01:23:45:67:89|01:23-45:67:89:ab|0123.4567.89")]
    [InlineData("byte", "aGk=|aGVsbG8h", "aGk|a b=|")]
    [InlineData("email", "a@example.com|Ann <a@example.com>", "a|@example.com")]
    [InlineData("hostname", "example.com|localhost|a-b.example.com|1.example.com", "-a.example.com|a..b|exa_mple.com|a.b.1")]
    [InlineData("uri", "https://example.com/a?b=c#d|/absolute|mailto:a@b|http://[::1]:80/|http://h:8/%20", "relative|://x|http://a b/|http://h/%zz|")]
    [InlineData("creditcard", "4111 1111 1111 1111", "4111 1111 1111 1112")]
    [InlineData("isbn", "0321751043|978-0321751041", "0321751044|978-0321751042")]
    [InlineData("isbn10", "0321751043|097522980X", "978-0321751041")]
    [InlineData("isbn13", "978-0321751041", "0321751043")]
    [InlineData("ssn", "111-22-3333|111 22 3333", "111-22-333|11122-3333")]
    [InlineData("hexcolor", "#FFFFFF|abc", "#FFFFF|#ggg")]
    [InlineData("rgbcolor", "rgb(0,128, 255)", "rgb(256,0,0)|rgb(0,0)")]
    [InlineData("bsonobjectid", "507f1f77bcf86cd799439011", "507f1f77bcf86cd79943901")]
    [InlineData("k8s-short-name", "a-b", "a.b|A|-a")]
    [InlineData("k8s-long-name", "a-b.c", "a_b|.a")]
    [InlineData("password", "anything|", null)]
    [InlineData("made-up", "anything|", null)]
    public void Texts_have_the_formats_their_schema_asks_for(string format, string good, string? bad)
    {
        var schema = new JsonObject { ["type"] = "string", ["format"] = format };
        foreach (var text in good.Split('|')) { Assert.Empty(SchemaValidation.Validate(schema, text)); }
        foreach (var text in bad?.Split('|') ?? [])
        {
            Assert.Equal([$"<nil>: Invalid value: \"{text}\":  in body must be of type {format}: \"{text}\""], SchemaValidation.Validate(schema, text).Select(static error => error.ToString()));
        }
    }

    [Theory]
    [InlineData(@"^\d+$", "12", true), InlineData(@"^\d+$", "12\n", false), InlineData(@"^\d+$", "\u0663", false)]
    [InlineData(@"^[\w-]+$", "a_b-c", true), InlineData(@"^[\w-]+$", "\u00e4", false)]
    [InlineData(@"^[[:alpha:]_]+$", "ab_", true), InlineData(@"^[[:alpha:]_]+$", "a1", false)]
    [InlineData(@"^(?P<year>[0-9]{4})$", "2024", true), InlineData(@"^\pL+$", "\u00e4b", true), InlineData(@"^\Qa.b\E$", "a.b", true)]
    [InlineData(@"^\Qa.b\E$", "axb", false), InlineData("(?m)^b$", "a\nb\nc", true), InlineData("^[a[]$", "[", true), InlineData("^[]a]$", "]", true)]
    [InlineData("(?=a)", "a", false), InlineData(@"(a)\1", "aa", false)]
    public void Patterns_mean_what_Go_takes_them_for(string pattern, string text, bool matches) => Assert.Equal(matches, GoPattern.Matches(pattern, text));
}

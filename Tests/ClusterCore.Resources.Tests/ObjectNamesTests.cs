namespace Flotilla.ClusterCore.Resources.Tests;

public sealed class ObjectNamesTests
{
    private const string LabelRule =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private const string QualifiedRule =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    [Theory]
    [InlineData("a", null), InlineData("a-1", null), InlineData("A", LabelRule), InlineData("-a", LabelRule), InlineData("", LabelRule), InlineData("a.b", "must not contain dots"), InlineData("a..b", LabelRule)]
    public void Labels_are_lower_case_and_dashes(string name, string? expected) => Assert.Equal(expected is null ? [] : [expected], ObjectNames.Dns1123Label(name));

    [Fact]
    public void Long_names_are_refused()
    {
        Assert.Equal(["must be no more than 63 characters"], ObjectNames.Dns1123Label(new string('a', 64)));
        Assert.Equal(["must be no more than 253 characters"], ObjectNames.Dns1123Subdomain(new string('a', 254)));
        Assert.Empty(ObjectNames.Dns1123Subdomain(new string('a', 253)));
    }

    [Theory]
    [InlineData("a.b-c.d", true), InlineData("a..b", false), InlineData(".a", false), InlineData("a_b", false)]
    public void Subdomains_are_labels_with_dots(string name, bool valid) => Assert.Equal(valid, ObjectNames.Dns1123Subdomain(name).Count == 0);

    [Theory]
    [InlineData("app", true), InlineData("app.kubernetes.io/name", true), InlineData("a/b/c", false), InlineData("/a", false), InlineData("a/", false)]
    [InlineData("A_b.c-d", true), InlineData("-a", false), InlineData("UP.io/a", false)]
    public void Qualified_names_may_have_a_prefix(string name, bool valid) => Assert.Equal(valid, ObjectNames.QualifiedName(name).Count == 0);

    [Theory]
    [InlineData("", true), InlineData("a b", false), InlineData("a_b.C-1", true), InlineData("-", false)]
    public void Label_values_may_be_empty(string value, bool valid) => Assert.Equal(valid, ObjectNames.LabelValue(value).Count == 0);

    [Theory]
    [InlineData("http", true), InlineData("8080", false), InlineData("a--b", false), InlineData("web-", false), InlineData("abcdefghijklmnop", false)]
    public void Port_names_have_a_letter(string name, bool valid) => Assert.Equal(valid, ObjectNames.PortName(name).Count == 0);

    [Theory]
    [InlineData("a.conf", true), InlineData("..data", false), InlineData("..", false), InlineData("a/b", false), InlineData("", false), InlineData("A_b-C.d", true)]
    public void Config_keys_are_file_names(string name, bool valid) => Assert.Equal(valid, ObjectNames.ConfigKey(name).Count == 0);

    [Theory]
    [InlineData("svc-1", true), InlineData("1svc", false)]
    public void Service_names_start_with_a_letter(string name, bool valid) => Assert.Equal(valid, ObjectNames.Dns1035Label(name).Count == 0);

    [Fact]
    public void Each_thing_that_is_wrong_is_said()
    {
        Assert.Equal(4, ObjectNames.PortName("-A--").Count);
        Assert.Equal(["name part must be non-empty", $"name part {QualifiedRule}"], ObjectNames.QualifiedName(""));
        Assert.Equal(["prefix part must be non-empty", "name part must be no more than 63 bytes"], ObjectNames.QualifiedName("/" + new string('a', 64)));
        Assert.StartsWith("a valid label key must consist", Assert.Single(ObjectNames.QualifiedName("a/b/c")), StringComparison.Ordinal);
    }

    [Fact]
    public void Lengths_are_of_bytes() => Assert.Equal("must be no more than 63 bytes", ObjectNames.LabelValue("a" + new string('é', 31) + "a")[0]);

    [Theory]
    [InlineData("Foo", true), InlineData("1Foo", false)]
    public void Kinds_are_labels_of_any_case(string kind, bool valid) => Assert.Equal(valid, ObjectNames.Kind(kind).Count == 0);
}

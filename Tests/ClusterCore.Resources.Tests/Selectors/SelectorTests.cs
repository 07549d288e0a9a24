namespace Flotilla.ClusterCore.Resources.Tests.Selectors;

public sealed class SelectorTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["app"] = "web", ["tier"] = "front", ["n"] = "5" };

    [Theory]
    [InlineData("", true), InlineData("app=web", true), InlineData("app==web", true), InlineData("app!=web", false), InlineData("other!=x", true)]
    [InlineData("app in (web, db)", true), InlineData("app notin (web)", false), InlineData("other notin (x)", true), InlineData("app", true)]
    [InlineData("!app", false), InlineData("!other", true), InlineData("n>4,n<6", true), InlineData("n>5", false), InlineData("app=web,tier=back", false)]
    [InlineData(" app = web , tier ", true), InlineData("other in ()", false), InlineData("app=", false), InlineData("app>1", false)]
    public void Labels_are_matched(string text, bool expected)
    {
        Assert.True(LabelSelector.TryParse(text, out var selector, out var error), error);
        Assert.Equal(expected, selector.Matches(Labels));
        Assert.Equal(expected, selector.Matches(Trees.Parse("""{"app":"web","tier":"front","n":"5"}""")));
    }

    [Theory]
    [InlineData("app=web,", "found '', expected: identifier after ','")]
    [InlineData("=web", "found '=', expected: !, identifier, or 'end of string'")]
    [InlineData("app in web", "unable to parse requirement: found 'web' expected: '('")]
    [InlineData("app in (web", "unable to parse requirement: found '', expected: ',' or ')'")]
    [InlineData("app web", "unable to parse requirement: found 'web', expected: in, notin, =, ==, !=, gt, lt")]
    [InlineData("app=web tier", "found 'tier', expected: ',' or 'end of string'")]
    [InlineData("n>x", "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer")]
    public void A_wrong_selector_is_refused_in_upstreams_words(string text, string expected)
    {
        Assert.False(LabelSelector.TryParse(text, out _, out var error));
        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData("app=web"), InlineData("app in (a,b)"), InlineData("!app"), InlineData("app"), InlineData("app!=x,n>3")]
    public void A_selector_prints_as_it_is_written(string text)
    {
        Assert.True(LabelSelector.TryParse(text, out var selector, out _));
        Assert.Equal(text, selector.ToString());
    }

    [Fact]
    public void Objects_hold_selectors_too()
    {
        var selector = LabelSelector.FromObject(Trees.Parse(
            """{"matchLabels":{"app":"web"},"matchExpressions":[{"key":"tier","operator":"In","values":["front"]},{"key":"x","operator":"DoesNotExist"}]}"""));
        Assert.True(selector!.Matches(Labels));
        Assert.Null(LabelSelector.FromObject(null));
        Assert.True(LabelSelector.FromObject([])!.IsEmpty);
        Assert.Null(LabelSelector.FromObject(Trees.Parse("""{"matchExpressions":[{"key":"a","operator":"Like"}]}""")));
    }

    [Theory]
    [InlineData("metadata.name=a", true), InlineData("metadata.name!=a", false), InlineData("status.phase=Running,metadata.name==a", true)]
    [InlineData("spec.nodeName=", true), InlineData("", true), InlineData("metadata.name=a\\,b", false)]
    public void Fields_are_matched(string text, bool expected)
    {
        Assert.True(FieldSelector.TryParse(text, out var selector, out _));
        Assert.Equal(expected, selector.Matches(static field => field switch { "metadata.name" => "a", "status.phase" => "Running", _ => null }));
    }

    [Theory]
    [InlineData("a", "invalid selector: 'a'; can't understand 'a'"), InlineData("a=b=c", "invalid field selector: unescaped character in value: =")]
    [InlineData("a=\\x", "invalid field selector: invalid escape sequence: \\x")]
    public void A_wrong_field_selector_is_refused(string text, string expected)
    {
        Assert.False(FieldSelector.TryParse(text, out _, out var error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public void Escapes_survive_printing()
    {
        Assert.True(FieldSelector.TryParse("a=x\\,y\\=z\\\\", out var selector, out _));
        Assert.Equal("x,y=z\\", selector.Terms[0].Value);
        Assert.Equal("a=x\\,y\\=z\\\\", selector.ToString());
        Assert.Equal("x,y=z\\", selector.RequiresExactMatch("a"));
    }
}

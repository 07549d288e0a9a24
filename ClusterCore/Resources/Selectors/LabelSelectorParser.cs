using System.Globalization;

namespace Flotilla.ClusterCore.Resources.Selectors;

/// <summary>The grammar of label selectors, with upstream's messages.</summary>
internal sealed class LabelSelectorParser(string text)
{
    private const string BinaryOperators = "in, notin, =, ==, !=, gt, lt";

    private readonly LabelSelectorLexer lexer = new(text);

    /// <returns>Null with the error.</returns>
    public List<LabelRequirement>? Parse(out string? error)
    {
        error = null;
        var requirements = new List<LabelRequirement>();
        while (lexer.Peek().Kind != TokenKind.End)
        {
            var next = lexer.Peek();
            if (next.Kind is not (TokenKind.Identifier or TokenKind.Not))
            {
                error = $"found '{next.Text}', expected: !, identifier, or 'end of string'";
                return null;
            }

            if (ParseRequirement(out error) is not { } requirement)
            {
                error = $"unable to parse requirement: {error}";
                return null;
            }

            requirements.Add(requirement);
            if (!ParseSeparator(out error))
            {
                return null;
            }
        }

        return requirements;
    }

    private bool ParseSeparator(out string? error)
    {
        error = null;
        var separator = lexer.Take();
        if (separator.Kind == TokenKind.Comma)
        {
            var after = lexer.Peek();
            error = after.Kind is TokenKind.Identifier or TokenKind.Not ? null : $"found '{after.Text}', expected: identifier after ','";
        }
        else if (separator.Kind != TokenKind.End)
        {
            error = $"found '{separator.Text}', expected: ',' or 'end of string'";
        }

        return error is null;
    }

    private LabelRequirement? ParseRequirement(out string? error)
    {
        var negated = lexer.Peek().Kind == TokenKind.Not;
        if (negated)
        {
            lexer.Take();
        }

        var key = lexer.Take();
        if (key.Kind != TokenKind.Identifier)
        {
            error = $"found '{key.Text}', expected: identifier";
            return null;
        }

        if (ObjectNames.QualifiedName(key.Text) is { Count: > 0 } invalid)
        {
            error = FieldError.Invalid("<nil>", key.Text, string.Join("; ", invalid)).ToString();
            return null;
        }

        error = null;
        if (lexer.Peek().Kind is TokenKind.End or TokenKind.Comma)
        {
            return new(key.Text, negated ? SelectorOperator.DoesNotExist : SelectorOperator.Exists, []);
        }

        return negated ? new(key.Text, SelectorOperator.DoesNotExist, []) : ParseOperation(key.Text, out error);
    }

    private LabelRequirement? ParseOperation(string key, out string? error)
    {
        var token = lexer.TakeOperator();
        if (token.Operator is not { } found)
        {
            error = $"found '{token.Text}', expected: {BinaryOperators}";
            return null;
        }

        var values = found is SelectorOperator.In or SelectorOperator.NotIn ? ParseValues(out error) : ParseExactValue(out error);
        error ??= Check(key, found, values!);
        return error is null ? new(key, found, values!) : null;
    }

    private static string? Check(string key, SelectorOperator found, List<string> values)
    {
        if (found is SelectorOperator.GreaterThan or SelectorOperator.LessThan
            && !long.TryParse(values[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
        {
            return FieldError.Invalid("values[0]", values[0], "for 'Gt', 'Lt' operators, the value must be an integer").ToString();
        }

        for (var i = 0; i < values.Count; i++)
        {
            if (ObjectNames.LabelValue(values[i]) is { Count: > 0 } invalid)
            {
                return FieldError.Invalid($"values[{i}][{key}]", values[i], string.Join("; ", invalid)).ToString();
            }
        }

        return null;
    }

    private List<string>? ParseExactValue(out string? error)
    {
        error = null;
        if (lexer.Peek().Kind is TokenKind.End or TokenKind.Comma)
        {
            return [""];
        }

        var value = lexer.Take();
        error = value.Kind == TokenKind.Identifier ? null : $"found '{value.Text}', expected: identifier";
        return [value.Text];
    }

    private List<string>? ParseValues(out string? error)
    {
        error = null;
        var open = lexer.Take();
        if (open.Kind != TokenKind.Open)
        {
            error = $"found '{open.Text}' expected: '('";
            return null;
        }

        var values = new SortedSet<string>(StringComparer.Ordinal);
        var expectValue = true;
        while (true)
        {
            var token = lexer.Take();
            switch (token.Kind)
            {
                case TokenKind.Identifier when expectValue:
                    values.Add(token.Text);
                    expectValue = false;
                    continue;
                case TokenKind.Comma or TokenKind.Close:
                    if (expectValue)
                    {
                        values.Add("");
                    }

                    expectValue = true;
                    break;
                default:
                    error = $"found '{token.Text}', expected: {(expectValue ? "',', ')' or identifier" : "',' or ')'")}";
                    return null;
            }

            if (token.Kind == TokenKind.Close)
            {
                return [.. values];
            }
        }
    }
}

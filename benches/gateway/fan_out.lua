-- The same fan-out and merge as a program of nginx: one request of the partner, one form a insurer, polls until
-- every price is there, one answer with all offers. Nothing is checked, kept, limited or logged.
-- The bench puts the insurers' keys into `keys` below.
local cjson = require "cjson.safe"

local keys = { --KEYS-- }

local LIKE = { A = "А", B = "В", E = "Е", K = "К", M = "М", H = "Н", O = "О", P = "Р", C = "С", T = "Т", Y = "У", X = "Х" }

local function cyrillic(text)
  return (text:upper():gsub("[ABEKMHOPCTYX]", LIKE))
end

local function there(value)
  return value ~= nil and value ~= cjson.null
end

local function fields_of(person, prefix, add)
  add(prefix .. "[lastname]", person.last_name)
  add(prefix .. "[name]", person.first_name)
  if there(person.middle_name) then add(prefix .. "[middlename]", person.middle_name) end
  add(prefix .. "[birthday]", person.birth_date)
end

-- The form but for the key, which is the only part that differs between insurers here.
local function form_of(request)
  local parts = {}
  local function add(name, value)
    parts[#parts + 1] = ngx.escape_uri(name) .. "=" .. ngx.escape_uri(tostring(value))
  end
  local start = request.policy_start_date:sub(1, 10)
  local year, month, day = start:match("(%d+)-(%d+)-(%d+)")
  local finish = os.date("!%Y-%m-%d", os.time { year = year + 1, month = month, day = day - 1, hour = 12 })
  local owner, vehicle = request.owner, request.vehicle
  add("dateStart", start)
  add("period", "12")
  add("purpose", request.purpose == "taxi" and "Такси" or "Личная")
  add("limitDrivers", request.drivers_info.is_unlimited_drivers and "0" or "1")
  add("trailer", "0")
  add("isJuridical", "0")
  add("codeKladr", owner.addresses[1].addresses_kladr_code)
  fields_of(owner, "owner", add)
  local passport = owner.passport
  add("owner[document][typeofdocument]", "RussianPassport")
  add("owner[document][series]", passport.series)
  add("owner[document][number]", passport.number)
  if there(passport.issuer) then add("owner[document][issued]", passport.issuer) end
  add("owner[document][dateIssue]", passport.issue_date)
  add("car[make]", vehicle.brand.name)
  add("car[model]", vehicle.model.name)
  add("car[MarkAndModelString]", vehicle.brand.name .. " " .. vehicle.model.name)
  add("car[category]", vehicle.category)
  add("car[power]", vehicle.engine_power)
  if there(vehicle.vin) then add("car[documents][vin]", vehicle.vin) end
  if there(vehicle.car_number) then add("car[documents][registrationNumber]", cyrillic(vehicle.car_number)) end
  if there(vehicle.chassis_number) then add("car[documents][chassisNumber]", vehicle.chassis_number) end
  if there(vehicle.body_number) then add("car[documents][carcaseNumber]", vehicle.body_number) end
  add("usagePeriod[0][dateStart]", start)
  add("usagePeriod[0][dateEnd]", finish)
  for place, driver in ipairs(request.drivers_info.drivers) do
    local prefix = "drivers[" .. (place - 1) .. "]"
    fields_of(driver, prefix, add)
    add(prefix .. "[license][series]", cyrillic(driver.license.series))
    add(prefix .. "[license][number]", driver.license.number)
    add(prefix .. "[license][dateIssue]", driver.license.date)
    add(prefix .. "[license][dateBeginDrive]", driver.license.date)
  end
  add("fullInformation", "1")
  return table.concat(parts, "&")
end

-- Keys of replies come in two spellings.
local function get(object, name)
  if type(object) ~= "table" then return nil end
  local value = object[name]
  if value == nil then value = object[name:sub(1, 1):upper() .. name:sub(2)] end
  if value == cjson.null then return nil end
  return value
end

local function offer_of(index, id, response)
  local bonus_malus
  for _, row in ipairs(get(response, "KBM") or {}) do
    local own = tonumber(get(row, "KBM"))
    if own and (not bonus_malus or own > bonus_malus) then bonus_malus = own end
  end
  return {
    offer_id = "osago-" .. index .. "-" .. id,
    offer_status = "PRE_CALC_READY",
    partner = { partner_code = index, partner_name = "Страховщик " .. index },
    price = get(response, "Premium"),
    is_reinsurance_pool = get(response, "ReinsurancePool") or false,
    coefficients = { bonus_malus = bonus_malus },
    upsales = get(response, "Upsales"),
  }
end

ngx.req.read_body()
local request = cjson.decode(ngx.req.get_body_data())
if not request then return ngx.exit(400) end

local calls = 0
local form, creates = form_of(request), {}
for index, key in ipairs(keys) do
  creates[index] = {
    "/insurer/" .. index .. "/calculate/?fullInformation=true",
    { method = ngx.HTTP_POST, body = "key=" .. key .. "&" .. form },
  }
end
local waiting, problems = {}, {}
for index, reply in ipairs({ ngx.location.capture_multi(creates) }) do
  calls = calls + 1
  local data = get(cjson.decode(reply.body), "data")
  local id = get(data and data[1], "id")
  if id then
    waiting[#waiting + 1] = { index = index, id = id }
  else
    problems[#problems + 1] = reply.status .. " " .. reply.body
  end
end

local offers = {}
while #waiting > 0 do
  ngx.sleep(1)
  local polls = {}
  for place, one in ipairs(waiting) do
    polls[place] = { "/insurer/" .. one.index .. "/calculate/" .. one.id .. "/?key=" .. keys[one.index] }
  end
  local still = {}
  for place, reply in ipairs({ ngx.location.capture_multi(polls) }) do
    calls = calls + 1
    local one, data = waiting[place], get(cjson.decode(reply.body), "data")
    local status, response = get(data, "status"), get(data, "response")
    if status and status:lower() == "done" and get(response, "Premium") then
      offers[#offers + 1] = offer_of(one.index, one.id, response)
    elseif status and status:lower() ~= "done" then
      still[#still + 1] = one
    else
      problems[#problems + 1] = reply.status .. " " .. reply.body
    end
  end
  waiting = still
end
table.sort(offers, function(left, right) return left.price < right.price end)

local answer = cjson.encode({
  request_id = request.request_id,
  status = #offers > 0 and "CALCULATION_READY" or "CALCULATION_ERROR",
  offers = offers,
  offered = #offers,
  calls = calls,
  problem = problems[1],
})
ngx.header.content_type = "application/json"
ngx.header.content_length = #answer
ngx.print(answer)
